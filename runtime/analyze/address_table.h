#pragma once

// Addresses to 32-bit numbers, a cache line for each look-up: the live blocks while
// events are replayed.
//
//   bucket:  | 5 addresses | passed | 5 numbers |     one cache line
//
// What finds its bucket full goes to the next one, and is counted in `passed` of each
// bucket that it passed: a search ends where nobody passed. Places are stable until the
// table grows, which generation() tells.
//
// Thread safety: one thread.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/compiler.h"
#include "trace/zeroed_array.h"

namespace memoir {

class AddressTable {
 public:
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  std::size_t size() const { return size_; }
  std::uint32_t generation() const { return generation_; }

  std::size_t find(std::uint64_t address) const {
    if (address == 0) return kNowhere;  // looks like a free place
    std::size_t b = home_of(address);
    for (;;) {
      const Bucket& bucket = buckets_[b];
      if (const unsigned equal = places_of(bucket, address)) {
        return b * kWidth + static_cast<std::size_t>(std::countr_zero(equal));
      }
      if (bucket.passed == 0) return kNowhere;
      b = (b + 1) & (buckets_.size() - 1);
    }
  }
  std::uint32_t& number(std::size_t place) {
    return buckets_[place / kWidth].numbers[place % kWidth];
  }
  std::uint32_t number(std::size_t place) const {
    return buckets_[place / kWidth].numbers[place % kWidth];
  }

  // The address must not be there, nor be 0. Where it is now.
  std::size_t insert(std::uint64_t address, std::uint32_t number) {
    if (size_ == most_) grow();
    ++size_;
    return enter(address, number);
  }
  void erase(std::size_t place) {
    std::uint64_t& address = buckets_[place / kWidth].addresses[place % kWidth];
    for (std::size_t b = home_of(address); b != place / kWidth;
         b = (b + 1) & (buckets_.size() - 1)) {
      --buckets_[b].passed;
    }
    address = 0;
    --size_;
  }
  // Keeps its memory.
  void clear() {
    std::fill(buckets_.begin(), buckets_.end(), Bucket{});
    size_ = 0;
  }

  // Fetches what find() will look at.
  MEMOIR_FAST_PATH void prefetch(std::uint64_t address) const {
    __builtin_prefetch(&buckets_[home_of(address)], 1);
  }

  std::size_t bytes() const { return buckets_.size() * sizeof(Bucket); }

 private:
  static constexpr std::size_t kWidth = 5;
  static constexpr std::size_t kFirstBuckets = 512;

  struct alignas(64) Bucket {
    std::uint64_t addresses[kWidth];  // 0: free
    std::uint32_t passed;
    std::uint32_t numbers[kWidth];
  };
  static_assert(sizeof(Bucket) == 64);

  static constexpr std::size_t most_in(std::size_t buckets) {
    return buckets * kWidth / 3 * 2;
  }
  // Without a branch: which place it is cannot be foreseen.
  static unsigned places_of(const Bucket& bucket, std::uint64_t address) {
    unsigned places = 0;
#pragma GCC unroll 5
    for (std::size_t i = 0; i < kWidth; ++i) {
      places |= static_cast<unsigned>(bucket.addresses[i] == address) << i;
    }
    return places;
  }
  std::size_t home_of(std::uint64_t address) const {
    const std::uint64_t hash = (address >> 4 ^ address >> 20) * 0x9e3779b97f4a7c15;
    return (hash ^ hash >> 32) & (buckets_.size() - 1);
  }
  std::size_t enter(std::uint64_t address, std::uint32_t number) {
    std::size_t b = home_of(address);
    for (;;) {
      Bucket& bucket = buckets_[b];
      if (const unsigned free = places_of(bucket, 0)) {
        const auto i = static_cast<std::size_t>(std::countr_zero(free));
        bucket.addresses[i] = address;
        bucket.numbers[i] = number;
        return b * kWidth + i;
      }
      ++bucket.passed;
      b = (b + 1) & (buckets_.size() - 1);
    }
  }
  void grow() {
    ZeroedArray<Bucket> old(buckets_.size() * 2);
    std::swap(old, buckets_);
    most_ = most_in(buckets_.size());
    ++generation_;
    for (const Bucket& bucket : old) {
      for (std::size_t i = 0; i < kWidth; ++i) {
        if (bucket.addresses[i] != 0) enter(bucket.addresses[i], bucket.numbers[i]);
      }
    }
  }

  ZeroedArray<Bucket> buckets_{kFirstBuckets};  // a power of two
  std::size_t size_ = 0;
  std::size_t most_ = most_in(kFirstBuckets);  // with more, the table grows
  std::uint32_t generation_ = 0;
};

}  // namespace memoir

#pragma once

// Live blocks by address: the hottest table of the collector, and too large for its
// caches. A look-up touches one cache line of addresses, and one of what is known of the
// block.
//
//   bucket:  | 5 addresses | passed | 5 indexes |     one cache line
//   figures: a place for each block; what was given back last is taken first
//
// A block that finds its bucket full goes to the next one, and is counted in `passed` of
// each bucket that it passed: a search ends where nobody passed. Figures are never moved,
// and addresses only when the table grows.
//
// Thread safety: one thread.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/compiler.h"
#include "trace/paged_array.h"
#include "trace/zeroed_array.h"

namespace memoir {

struct LiveBlock {
  std::uint64_t address = 0;  // never 0 in a table
  std::uint64_t size = 0;
  // Ticks of the session: the order of ticks is exact, of ns it is not.
  std::uint64_t t = 0;
  std::uint32_t site = 0;
  std::uint32_t thread = 0;
  std::uint64_t number = 0;  // of the events that make blocks, which one made it
};

// All of it but the address.
struct BlockFigures {
  std::uint64_t size, t;
  std::uint32_t site, thread;
  std::uint64_t number;
};

class BlockTable {
 public:
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  BlockTable() = default;

  std::size_t size() const { return size_; }

  // Where the block is, until it is erased or another one inserted.
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
  LiveBlock at(std::size_t place) const {
    const BlockFigures& figures = figures_at(place);
    return {address_at(place), figures.size,   figures.t,
            figures.site,      figures.thread, figures.number};
  }
  std::uint64_t time_at(std::size_t place) const { return figures_at(place).t; }

  // The address must not be there.
  void insert(const LiveBlock& block) {
    insert(block.address, {block.size, block.t, block.site, block.thread, block.number});
  }
  // Apart, so that nothing goes through memory to get here.
  void insert(std::uint64_t address, BlockFigures figures) {
    if (size_ == most_) grow();
    ++size_;
    const std::uint32_t index = take_figures();
    BlockFigures& to = figures_[index];
    to.size = figures.size;
    to.t = figures.t;
    to.site = figures.site;
    to.thread = figures.thread;
    to.number = figures.number;
    enter(address, index);
  }
  void erase(std::size_t place) {
    std::uint64_t& address = buckets_[place / kWidth].addresses[place % kWidth];
    for (std::size_t b = home_of(address); b != place / kWidth;
         b = (b + 1) & (buckets_.size() - 1)) {
      --buckets_[b].passed;
    }
    address = 0;
    --size_;
    give_back(buckets_[place / kWidth].indexes[place % kWidth]);
  }

  // Fetches what find() will look at, and what at() will. Always inline: gcc takes a
  // function that does nothing else for one that does nothing.
  MEMOIR_FAST_PATH void prefetch(std::uint64_t address) const {
    __builtin_prefetch(&buckets_[home_of(address)], 1);
  }
  MEMOIR_FAST_PATH void prefetch_figures(std::size_t place) const {
    __builtin_prefetch(&figures_at(place), 1);
  }
  // Whether the block is still where it was found.
  bool is_at(std::size_t place, std::uint64_t address) const {
    return place != kNowhere && address_at(place) == address;
  }

  // Calls visit(const LiveBlock&) for each.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::size_t place = 0; place < buckets_.size() * kWidth; ++place) {
      if (address_at(place) != 0) visit(at(place));
    }
  }

 private:
  static constexpr std::size_t kWidth = 5;
  static constexpr std::size_t kFirstBuckets = 512;

  struct alignas(64) Bucket {
    std::uint64_t addresses[kWidth];  // 0: free
    std::uint32_t passed;
    std::uint32_t indexes[kWidth];  // of the figures
  };
  static_assert(sizeof(Bucket) == 64);

  static constexpr std::size_t most_in(std::size_t buckets) {
    return buckets * kWidth / 3 * 2;
  }

  // A bit for each place that holds the address. Without a branch: which place it is
  // cannot be foreseen.
  static unsigned places_of(const Bucket& bucket, std::uint64_t address) {
    unsigned places = 0;
#pragma GCC unroll 5
    for (std::size_t i = 0; i < kWidth; ++i) {
      places |= static_cast<unsigned>(bucket.addresses[i] == address) << i;
    }
    return places;
  }

  static std::uint64_t hash_of(std::uint64_t address) {
    const std::uint64_t hash = (address >> 4 ^ address >> 20) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
  }
  std::size_t home_of(std::uint64_t address) const {
    return hash_of(address) & (buckets_.size() - 1);
  }
  std::uint64_t address_at(std::size_t place) const {
    return buckets_[place / kWidth].addresses[place % kWidth];
  }
  const BlockFigures& figures_at(std::size_t place) const {
    return figures_[buckets_[place / kWidth].indexes[place % kWidth]];
  }
  std::uint32_t take_figures() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      // What will be written soon; it may have been given back long ago.
      constexpr std::size_t kAhead = 8;
      if (free_.size() >= kAhead) {
        __builtin_prefetch(&figures_[free_[free_.size() - kAhead]], 1);
      }
      return index;
    }
    figures_.append();
    return static_cast<std::uint32_t>(figures_.size() - 1);
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }

  // Puts the address into a bucket; its figures stay where they are.
  void enter(std::uint64_t address, std::uint32_t index) {
    std::size_t b = home_of(address);
    for (;;) {
      Bucket& bucket = buckets_[b];
      if (const unsigned free = places_of(bucket, 0)) {
        const auto i = static_cast<std::size_t>(std::countr_zero(free));
        bucket.addresses[i] = address;
        bucket.indexes[i] = index;
        return;
      }
      ++bucket.passed;
      b = (b + 1) & (buckets_.size() - 1);
    }
  }
  // Twice as many buckets: what lies at b stays, or moves to as far behind the old end.
  //
  // Whoever is entered again, bucket by bucket, comes to lie no further from its home
  // than it lay: only what lay there already can be in its way. So a bucket is done when
  // its turn is over. What had passed the end of the table comes last.
  void grow() {
    const std::size_t old = buckets_.size();
    buckets_.grow(old * 2);
    most_ = most_in(old * 2);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> passed_the_end;
    for (std::size_t b = 0; b < old; ++b) {
      const Bucket bucket = std::exchange(buckets_[b], Bucket{});
      for (std::size_t i = 0; i < kWidth; ++i) {
        const std::uint64_t address = bucket.addresses[i];
        if (address == 0) continue;
        if ((hash_of(address) & (old - 1)) <= b) {
          enter(address, bucket.indexes[i]);
        } else {
          passed_the_end.emplace_back(address, bucket.indexes[i]);
        }
      }
    }
    for (const auto& [address, index] : passed_the_end) enter(address, index);
  }

  ZeroedArray<Bucket> buckets_{kFirstBuckets};  // a power of two
  PagedArray<BlockFigures> figures_;
  std::vector<std::uint32_t> free_;  // indexes given back, the last one at the end
  std::size_t size_ = 0;
  std::size_t most_ = most_in(kFirstBuckets);  // with more, the table grows
};

}  // namespace memoir

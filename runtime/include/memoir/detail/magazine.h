#pragma once

// The free blocks of a pool of fixed count that one thread has at hand: a stack, last in,
// first out. Guarded by its lock; the counts may be looked at by others, who see what
// they were some time.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "memoir/detail/thread_caches.h"

MEMOIR_BEGIN
namespace detail {

class magazine : public thread_cache {
 public:
  static constexpr std::size_t kMost = 64;

  magazine(thread_life& life, std::uint32_t limit) noexcept
      : thread_cache{life}, limit_{limit} {}

  // Null where it is empty.
  void* pop() noexcept {
    const std::uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == 0) [[unlikely]]
      return nullptr;
    count_.store(count - 1, std::memory_order_relaxed);
    if (count - 1 < low_.load(std::memory_order_relaxed)) {
      low_.store(count - 1, std::memory_order_relaxed);
    }
    return blocks_[count - 1];
  }
  // False: it is full.
  bool push(void* block) noexcept {
    const std::uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == limit_) [[unlikely]]
      return false;
    blocks_[count] = block;
    count_.store(count + 1, std::memory_order_relaxed);
    return true;
  }

  std::uint32_t limit() const noexcept { return limit_; }
  std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  // The lowest count since forget_low(): so many of its blocks have lain here all along.
  std::uint32_t low() const noexcept {
    return std::min(low_.load(std::memory_order_relaxed), count());
  }
  void forget_low() noexcept { low_.store(count(), std::memory_order_relaxed); }

  // Puts the last `wanted` of `from` on top, in their order, and takes them off there.
  void refill(void** from, std::size_t& from_count, std::uint32_t wanted) noexcept {
    const std::uint32_t count = this->count();
    wanted = static_cast<std::uint32_t>(std::min<std::size_t>(wanted, from_count));
    from_count -= wanted;
    std::memcpy(&blocks_[count], from + from_count, wanted * sizeof(void*));
    count_.store(count + wanted, std::memory_order_relaxed);
  }
  // Puts its oldest `wanted` on top of `to`.
  void flush(void** to, std::size_t& to_count, std::uint32_t wanted) noexcept {
    const std::uint32_t count = this->count();
    wanted = std::min(wanted, count);
    std::memcpy(to + to_count, blocks_.data(), wanted * sizeof(void*));
    to_count += wanted;
    std::memmove(blocks_.data(), &blocks_[wanted], (count - wanted) * sizeof(void*));
    count_.store(count - wanted, std::memory_order_relaxed);
    low_.store(std::min(low(), count - wanted), std::memory_order_relaxed);
  }

 private:
  const std::uint32_t limit_;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> low_{0};
  std::array<void*, kMost> blocks_;
};

}  // namespace detail
MEMOIR_END

#pragma once

// The blocks of a recycler that one thread keeps for itself, of any sizes, the last one
// first. For the recycler, what lies here is in use. Guarded by its lock; the counts may
// be looked at by others.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoir/detail/thread_caches.h"

MEMOIR_BEGIN
namespace detail {

class front_magazine : public thread_cache {
 public:
  static constexpr std::size_t kMost = 32;
  struct kept {
    std::byte* data = nullptr;
    std::size_t capacity = 0;
  };
  struct counts {
    std::uint64_t taken = 0;    // acquisitions that were served here
    std::uint64_t put = 0;      // releases that ended here
    std::uint64_t flushed = 0;  // blocks that went on to the recycler
    std::uint64_t crossed = 0;  // releases of what another thread had acquired
    std::uint64_t blocks = 0;   // that lie here
    std::uint64_t bytes = 0;

    void add(const counts& other) noexcept {
      taken += other.taken;
      put += other.put;
      flushed += other.flushed;
      crossed += other.crossed;
      blocks += other.blocks;
      bytes += other.bytes;
    }
  };

  front_magazine(thread_life& life, std::size_t most) noexcept
      : thread_cache{life}, most_{std::min(most, kMost)} {}

  // A block of this capacity, or null.
  std::byte* take(std::size_t capacity) noexcept {
    if (!lock.enter()) [[unlikely]]
      return nullptr;
    std::byte* data = nullptr;
    const std::size_t count = this->count();
    for (std::size_t i = count; i-- > 0 && data == nullptr;) {
      if (blocks_[i].capacity != capacity) continue;
      data = blocks_[i].data;
      remove(i);
      ++counts_.taken;
    }
    lock.leave();
    return data;
  }

  // False: it is the pool's just now. Otherwise what had to leave for it, if anything, is
  // `oldest`, for the recycler.
  bool put(const kept& block, bool crossed, kept& oldest) noexcept {
    if (!lock.enter()) [[unlikely]]
      return false;
    if (count() == most_) {
      oldest = blocks_[0];
      remove(0);
      ++counts_.flushed;
    }
    const std::size_t count = this->count();
    blocks_[count] = block;
    count_.store(count + 1, std::memory_order_relaxed);
    ++counts_.put;
    counts_.crossed += crossed ? 1 : 0;
    lock.leave();
    return true;
  }

  // Moves everything to `out`; how many. For who has revoked the lock.
  std::size_t empty_into(std::array<kept, kMost>& out) noexcept {
    const std::size_t count = this->count();
    std::copy_n(blocks_.begin(), count, out.begin());
    count_.store(0, std::memory_order_relaxed);
    counts_.flushed += count;
    return count;
  }
  // For who has revoked the lock.
  counts read() const noexcept {
    counts now = counts_;
    now.blocks = count();
    for (std::size_t i = 0; i < now.blocks; ++i) now.bytes += blocks_[i].capacity;
    return now;
  }
  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  void remove(std::size_t index) noexcept {
    const std::size_t count = this->count();
    std::copy(blocks_.begin() + index + 1, blocks_.begin() + count,
              blocks_.begin() + index);
    count_.store(count - 1, std::memory_order_relaxed);
  }

  const std::size_t most_;
  std::atomic<std::size_t> count_{0};
  counts counts_;
  std::array<kept, kMost> blocks_;
};

}  // namespace detail
MEMOIR_END

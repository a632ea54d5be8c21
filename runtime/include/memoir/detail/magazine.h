#pragma once

// The blocks that one thread keeps at hand of one pool, and how a thread finds them.
//
//   thread: slots | pool number -> magazine |...   (thread-local, no lock, no
//   constructor) pool:   list of magazines, each with the life of its thread
//
// Magazines belong to their pool and stay there when their thread ends: whoever needs one
// takes over that of a thread that is gone, with its blocks. So the end of a thread takes
// no lock, and looks at no pool.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "memoir/config.h"
#include "memoir/detail/biased_lock.h"

MEMOIR_BEGIN
namespace detail {

// Of a thread that uses pools. Shared by the thread and its magazines.
class thread_life {
 public:
  bool is_over() const noexcept { return over_.load(std::memory_order_acquire); }
  void end() noexcept { over_.store(true, std::memory_order_release); }
  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> references_{1};
};

// Blocks, last in, first out. Guarded by `lock`, whose owner is the thread; the counts
// may be looked at by others, who see what they were some time.
class alignas(64) magazine {
 public:
  static constexpr std::size_t kMost = 64;

  magazine(thread_life& life, std::uint32_t limit) noexcept
      : life_{&life}, limit_{limit} {
    life.retain();
  }
  ~magazine() { life_->release(); }
  magazine(const magazine&) = delete;
  magazine& operator=(const magazine&) = delete;

  biased_lock lock;
  magazine* next = nullptr;  // of the pool's list, under the pool's lock

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

  bool is_orphan() const noexcept { return life_->is_over(); }
  // Belongs to the calling thread, whose life this is, from here on.
  void adopt(thread_life& life) noexcept {
    life.retain();
    life_->release();
    life_ = &life;
  }
  bool belongs_to(const thread_life& life) const noexcept { return life_ == &life; }

 private:
  thread_life* life_;
  const std::uint32_t limit_;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> low_{0};
  std::array<void*, kMost> blocks_;
};

// What a thread knows of the pools it used last: pool numbers are never used again, so
// that an old entry is only never looked for.
struct magazine_slot {
  std::uint64_t pool;
  magazine* mine;
};
inline constexpr std::size_t kMagazineSlots = 32;
inline thread_local constinit std::array<magazine_slot, kMagazineSlots> magazine_slots{};

inline magazine_slot& slot_of(std::uint64_t pool) noexcept {
  return magazine_slots[pool % kMagazineSlots];
}

inline std::uint64_t next_pool_number() noexcept {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

// The life of this thread; null where it is about to end, or there is no memory: then it
// has no magazines.
inline thread_local constinit bool this_thread_is_over = false;
inline thread_life* this_thread_life() noexcept {
  if (this_thread_is_over) return nullptr;
  struct keeper {
    thread_life* life = new (std::nothrow) thread_life;
    ~keeper() {
      // What is used by later destructors of this thread finds no magazine.
      magazine_slots = {};
      this_thread_is_over = true;
      if (life == nullptr) return;
      life->end();
      life->release();
    }
  };
  thread_local keeper mine;
  return mine.life;
}

}  // namespace detail
MEMOIR_END

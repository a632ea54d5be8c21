#pragma once

// The free blocks of a pool of fixed count: a stack that all threads share, and a
// magazine for each thread, filled from it and emptied into it by the half. Taking and
// putting is a few plain loads and stores where the magazine has what is needed; the
// lock is taken once for many blocks.
//
// No block is out of reach: before the stock says that it is empty, it takes back what
// lies in the magazines of all threads, and keeps it together until a quarter of all
// blocks is free again. While it does, and where magazines are switched off or
// membarrier(2) is not to be had, every call takes the lock.
//
// Blocks are addresses here; nothing is written into them. Last in, first out, for each
// thread. Thread safety: all of it, but the making and the ending.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>

#include "memoir/config.h"
#include "memoir/detail/magazine.h"
#include "memoir/detail/thread_caches.h"

MEMOIR_BEGIN

// What a pool did so far; counted only where it takes its lock.
struct block_pool_counters {
  std::uint64_t refills = 0;        // of a thread's blocks at hand, from the common stack
  std::uint64_t flushes = 0;        // and back
  std::uint64_t recalls = 0;        // of what all threads had at hand
  std::uint64_t contentions = 0;    // the lock was another thread's
  std::uint64_t contention_ns = 0;  // waited for it
  std::uint64_t waits = 0;          // for a block
};

namespace detail {

class block_stock {
 public:
  // `at_hand`: how many blocks a thread may keep, at most magazine::kMost; 0: none.
  block_stock(std::size_t capacity, std::size_t at_hand)
      : capacity_{capacity}, stack_{std::make_unique_for_overwrite<void*[]>(capacity)} {
    // Threads that keep more than a small part would only be asked for it again.
    const std::size_t fair = capacity / 8;
    at_hand_ = static_cast<std::uint32_t>(std::min({at_hand, magazine::kMost, fair}));
    if (at_hand_ < 2) at_hand_ = 0;
    fewest_ = capacity;
  }
  block_stock(const block_stock&) = delete;
  block_stock& operator=(const block_stock&) = delete;

  // Before the first take(): the block that is taken last.
  void add(void* block) noexcept { stack_[count_++] = block; }

  // A block, or null where all are out.
  void* take() {
    if (magazine* const mine = magazines_.at_hand()) [[likely]] {
      if (mine->lock.enter()) [[likely]] {
        void* const block = mine->pop();
        mine->lock.leave();
        if (block != nullptr) [[likely]]
          return block;
      }
    }
    return take_slowly();
  }

  // Waits for one until `deadline`; null where none came.
  template <class Clock, class Duration>
  void* take_until(const std::chrono::time_point<Clock, Duration>& deadline) {
    if (void* const block = take()) return block;
    std::unique_lock lock = locked();
    ++counters_.waits;
    ++waiting_;
    void* block = nullptr;
    while (true) {
      block = pop_common();
      if (block != nullptr) break;
      if (returned_.wait_until(lock, deadline) == std::cv_status::timeout) {
        block = pop_common();
        break;
      }
    }
    --waiting_;
    return block;
  }

  // What take() gave comes back. True: it was the last one that was out of a closed
  // stock, and the caller ends it.
  bool put(void* block) {
    if (magazine* const mine = magazines_.at_hand()) [[likely]] {
      if (mine->lock.enter()) [[likely]] {
        const bool done = mine->push(block);
        mine->lock.leave();
        if (done) [[likely]]
          return false;
      }
    }
    return put_slowly(block);
  }

  // No more blocks will be taken. True: all are here, and the caller ends it; otherwise
  // whoever puts the last one does.
  bool close() {
    const std::unique_lock lock = locked();
    closed_ = true;
    recall();
    return count_ == capacity_;
  }

  std::size_t capacity() const noexcept { return capacity_; }
  // Of this moment; exact where no other thread takes or puts.
  std::size_t available() const {
    const std::unique_lock lock = locked();
    return count_available();
  }
  // The most blocks that were out at once. Exact where one thread used the pool, or
  // nothing is kept at hand; otherwise up to what the threads have at hand too high.
  std::size_t peak_in_use() const {
    const std::unique_lock lock = locked();
    note_fewest();
    return capacity_ - fewest_;
  }
  block_pool_counters counters() const {
    const std::unique_lock lock = locked();
    return counters_;
  }

 private:
  std::unique_lock<std::mutex> locked() const {
    std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock.owns_lock()) {
      const auto begin = std::chrono::steady_clock::now();
      lock.lock();
      ++counters_.contentions;
      counters_.contention_ns += static_cast<std::uint64_t>(
          std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count());
    }
    return lock;
  }

  std::size_t count_available() const {
    std::size_t sum = count_;
    magazines_.for_each([&](const magazine& one) { sum += one.count(); });
    return sum;
  }

  // The fewest free blocks there were: since the lock was held last, threads took what
  // they had at hand, down to low().
  void note_fewest() const {
    std::size_t sum = count_;
    magazines_.for_each([&](const magazine& one) { sum += one.low(); });
    fewest_ = std::min(fewest_, sum);
  }

  // With the lock: that of this thread, made or taken over where it has none. Null: it
  // is to have none.
  magazine* my_magazine() {
    if (at_hand_ == 0) return nullptr;
    return magazines_.of_thread([&](thread_life& life) {
      return new (std::nothrow) magazine{life, at_hand_};
    });
  }

  // With the lock: all blocks come here, and stay.
  void recall() {
    if (recalled_) return;
    recalled_ = true;
    if (magazines_.empty()) return;
    ++counters_.recalls;
    note_fewest();
    magazines_.revoke();
    magazines_.for_each([&](magazine& one) {
      one.flush(stack_.get(), count_, magazine::kMost);
      one.forget_low();
    });
  }

  // With the lock: threads may keep blocks again, once there are enough.
  void allow_again() {
    if (!recalled_ || closed_ || waiting_ != 0 || count_ <= capacity_ / 4) return;
    recalled_ = false;
    magazines_.allow();
  }

  void* pop_common() {
    if (count_ == 0) recall();
    if (count_ == 0) return nullptr;
    void* const block = stack_[--count_];
    note_fewest();
    return block;
  }

  [[gnu::noinline]] void* take_slowly() {
    const std::unique_lock lock = locked();
    magazine* const mine = recalled_ ? nullptr : my_magazine();
    if (mine == nullptr) return pop_common();
    if (mine->count() == 0 && count_ != 0) {
      ++counters_.refills;
      note_fewest();
      mine->refill(stack_.get(), count_, std::max(1u, mine->limit() / 2));
      mine->forget_low();
    }
    if (void* const block = mine->pop()) {
      note_fewest();
      return block;
    }
    return pop_common();
  }

  [[gnu::noinline]] bool put_slowly(void* block) {
    const std::unique_lock lock = locked();
    magazine* const mine = recalled_ ? nullptr : my_magazine();
    if (mine != nullptr) {
      if (mine->count() == mine->limit()) {
        ++counters_.flushes;
        note_fewest();
        mine->flush(stack_.get(), count_, std::max(1u, mine->limit() / 2));
        mine->forget_low();
      }
      mine->push(block);
      return false;
    }
    stack_[count_++] = block;
    allow_again();
    if (waiting_ != 0) returned_.notify_one();
    return closed_ && count_ == capacity_;
  }

  thread_caches<magazine> magazines_;
  const std::size_t capacity_;
  std::uint32_t at_hand_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::unique_ptr<void*[]> stack_;
  std::size_t count_ = 0;
  std::size_t waiting_ = 0;
  bool recalled_ = false;
  bool closed_ = false;
  mutable std::size_t fewest_ = 0;
  mutable block_pool_counters counters_;
};

}  // namespace detail
MEMOIR_END

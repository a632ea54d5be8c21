#pragma once

// What each thread keeps of a pool for itself, so that most calls meet no other thread:
// the engine of block_pool, memory_pool and sized_pool, which differ in what lies in a
// cache, and in where it goes from there.
//
//   thread A: cache <-- enter(), leave() --   pool   -- revoke(): all caches are its own
//   thread B: cache                                     until allow()
//
// Caches belong to the pool, and stay there when their thread ends: whoever needs one
// takes over that of a thread that is gone, with all that is in it. So the end of a
// thread takes no lock, and looks at no pool.
//
// Thread safety: at_hand() any thread; what else says so needs the pool's lock.

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "memoir/detail/biased_lock.h"
#include "memoir/detail/thread_life.h"

MEMOIR_BEGIN
namespace detail {

// What one thread keeps of one pool. `lock` guards what derived types hold; its owner is
// the thread.
class alignas(64) thread_cache {
 public:
  explicit thread_cache(thread_life& life) noexcept : life_{&life} { life.retain(); }
  thread_cache(const thread_cache&) = delete;
  thread_cache& operator=(const thread_cache&) = delete;

  biased_lock lock;

  // Its thread is gone. What that wrote is seen by who was told so.
  bool is_orphan() const noexcept { return life_->is_over(); }

 protected:
  ~thread_cache() { life_->release(); }

 private:
  template <class Cache>
  friend class thread_caches;
  thread_life* life_;
  thread_cache* next_ = nullptr;
};

template <class Cache>
class thread_caches {
 public:
  thread_caches() = default;
  thread_caches(const thread_caches&) = delete;
  thread_caches& operator=(const thread_caches&) = delete;
  ~thread_caches() {
    for_each([](Cache& one) { delete &one; });
  }

  // The calling thread's, if it used the pool lately: a comparison.
  Cache* at_hand() const noexcept {
    const thread_slot& slot = slot_of(number_);
    return slot.pool == number_ ? static_cast<Cache*>(slot.kept) : nullptr;
  }

  // With the lock: the calling thread's; that of a thread that is gone, where it has
  // none; or what make(life) makes with new. Null: the thread is about to end, or there
  // is no memory.
  template <std::invocable<thread_life&> Make>
  Cache* of_thread(Make make) noexcept {
    if (Cache* const known = at_hand()) return known;
    thread_life* const life = this_thread_life();
    if (life == nullptr) return nullptr;
    Cache* found = find([&](const thread_cache& one) { return one.life_ == life; });
    if (found == nullptr) {
      found = find([](const thread_cache& one) { return one.is_orphan(); });
      if (found != nullptr) {
        life->retain();
        std::exchange(found->life_, life)->release();
      }
    }
    if (found == nullptr) {
      found = make(*life);
      if (found == nullptr) return nullptr;
      found->next_ = first_;
      first_ = found;
    }
    slot_of(number_) = {number_, found};
    return found;
  }

  // With the lock: no thread is, or gets, inside its cache, until allow(). What the
  // caches hold is the caller's.
  void revoke() noexcept {
    if (first_ == nullptr) return;
    for_each([](Cache& one) { one.lock.revoke(); });
    heavy_barrier();
    for_each([](Cache& one) { one.lock.await(); });
  }
  void revoke(Cache& one) noexcept {
    one.lock.revoke();
    heavy_barrier();
    one.lock.await();
  }
  void allow() noexcept {
    for_each([](Cache& one) { one.lock.allow(); });
  }

  // With the lock: the one that was made last; after which those that were made before it
  // follow, without the lock.
  Cache* first() const noexcept { return static_cast<Cache*>(first_); }
  static Cache* next(const Cache& one) noexcept {
    return static_cast<Cache*>(static_cast<const thread_cache&>(one).next_);
  }
  // With the lock: each of them.
  template <std::invocable<Cache&> Each>
  void for_each(Each each) const {
    for (Cache* one = first(); one != nullptr;) {
      Cache* const before = next(*one);
      each(*one);
      one = before;
    }
  }
  bool empty() const noexcept { return first_ == nullptr; }

  // Whether threads ended since note_ended(), which comes before a look for orphans.
  bool may_have_orphans() const noexcept {
    return thread_life::ended() != ended_.load(std::memory_order_relaxed);
  }
  void note_ended() noexcept {
    ended_.store(thread_life::ended(), std::memory_order_relaxed);
  }

 private:
  template <class Is>
  Cache* find(Is is) const noexcept {
    for (thread_cache* one = first_; one != nullptr; one = one->next_) {
      if (is(*one)) return static_cast<Cache*>(one);
    }
    return nullptr;
  }

  const std::uint64_t number_ = next_pool_number();
  std::atomic<std::uint64_t> ended_{0};
  thread_cache* first_ = nullptr;
};

}  // namespace detail
MEMOIR_END

#pragma once

// A few blocks of a recycler for each thread, which it takes and gives back without
// meeting the others:
//
//   thread --> its magazine (a spin lock that is free) --> the recycler (a mutex)
//
// For the recycler, what lies in a magazine is in use. Magazines are emptied into it when
// their thread ends, when the pool asks (flush()), and when it ends (close()); so they
// never outlive a block's owner, nor a block them.
//
// Thread safety: all functions from any thread. Complexity: O(1); a magazine holds 32
// blocks at most.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "memoir/detail/recycler.h"
#include "memoir/pool_stats.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// Free nearly always: only flush() and statistics come from other threads.
class spin_lock {
 public:
  void lock() noexcept {
    while (taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  void unlock() noexcept { taken_.clear(std::memory_order_release); }

 private:
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
};

// What one thread keeps of one recycler.
class front_magazine {
 public:
  static constexpr std::size_t kMost = 32;
  struct counts {
    std::uint64_t taken = 0;    // acquisitions that it served
    std::uint64_t put = 0;      // releases into it
    std::uint64_t flushed = 0;  // blocks that went on to the recycler
    std::uint64_t crossed = 0;  // releases of what another thread had acquired
    std::uint64_t blocks = 0;   // that lie in it
    std::uint64_t bytes = 0;
  };

  front_magazine(recycler& engine, std::size_t most)
      : engine_{&engine}, most_{std::min(most, kMost)} {}

  // A block of this capacity, or null.
  std::byte* take(std::size_t capacity) noexcept {
    const std::lock_guard held{lock_};
    for (std::size_t i = count_; i-- > 0;) {
      if (blocks_[i].capacity != capacity) continue;
      std::byte* data = blocks_[i].data;
      std::copy(blocks_.begin() + i + 1, blocks_.begin() + count_, blocks_.begin() + i);
      --count_;
      ++counts_.taken;
      return data;
    }
    return nullptr;
  }

  // False: it is closed. The watch knows already that the block is back.
  bool put(std::byte* data, std::size_t capacity, bool crossed, site where) noexcept {
    kept oldest;
    {
      const std::lock_guard held{lock_};
      if (closed_) return false;
      if (count_ == most_) {
        oldest = blocks_[0];
        std::copy(blocks_.begin() + 1, blocks_.begin() + count_, blocks_.begin());
        --count_;
        ++counts_.flushed;
      }
      blocks_[count_++] = {data, capacity};
      ++counts_.put;
      counts_.crossed += crossed ? 1 : 0;
    }
    if (oldest.data != nullptr) engine_->put_back(oldest.data, oldest.capacity, where);
    return true;
  }

  // All blocks go on to the recycler; with `close`, for ever.
  void flush(bool close, site where) noexcept {
    std::array<kept, kMost> out;
    std::size_t count = 0;
    {
      const std::lock_guard held{lock_};
      closed_ = closed_ || close;
      count = std::exchange(count_, 0);
      std::copy(blocks_.begin(), blocks_.begin() + count, out.begin());
      counts_.flushed += count;
    }
    for (std::size_t i = 0; i < count; ++i) {
      engine_->put_back(out[i].data, out[i].capacity, where);
    }
  }

  bool closed() noexcept {
    const std::lock_guard held{lock_};
    return closed_;
  }
  counts read() noexcept {
    const std::lock_guard held{lock_};
    counts now = counts_;
    now.blocks = count_;
    for (std::size_t i = 0; i < count_; ++i) now.bytes += blocks_[i].capacity;
    return now;
  }
  const recycler* engine() const noexcept { return engine_; }

 private:
  struct kept {
    std::byte* data = nullptr;
    std::size_t capacity = 0;
  };
  spin_lock lock_;
  recycler* engine_;
  std::size_t most_;
  std::size_t count_ = 0;
  bool closed_ = false;
  counts counts_;
  std::array<kept, kMost> blocks_;
};

// The magazines of the calling thread, by recycler. A thread that uses more pools than
// there are places loses the magazine of one to the other.
class thread_front_magazines {
 public:
  // null: this thread has none, or is about to end.
  static front_magazine* find(const recycler& engine) noexcept {
    if (ended_) return nullptr;
    const std::shared_ptr<front_magazine>& one = mine().place(engine);
    return one && one->engine() == &engine ? one.get() : nullptr;
  }
  static void put(const recycler& engine, std::shared_ptr<front_magazine> next) {
    if (ended_) return;
    std::shared_ptr<front_magazine>& one = mine().place(engine);
    if (one) one->flush(true, site::of_thread());
    one = std::move(next);
  }

 private:
  static inline thread_local bool ended_ = false;
  static thread_front_magazines& mine() noexcept {
    static thread_local thread_front_magazines all;
    return all;
  }
  std::shared_ptr<front_magazine>& place(const recycler& engine) noexcept {
    return places_[reinterpret_cast<std::uintptr_t>(&engine) / 256 % places_.size()];
  }
  ~thread_front_magazines() {
    ended_ = true;
    for (std::shared_ptr<front_magazine>& one : places_) {
      if (one) one->flush(true, site::of_thread());
    }
  }

  std::array<std::shared_ptr<front_magazine>, 16> places_;
};

// All magazines of one pool, which has it beside its recycler.
class front_cache {
 public:
  // The calling thread's; made where there is none. May throw std::bad_alloc.
  front_magazine& of_thread(recycler& engine) {
    front_magazine* found = thread_front_magazines::find(engine);
    if (found != nullptr && !found->closed()) return *found;
    auto made = std::make_shared<front_magazine>(engine, engine.options().thread_cache);
    {
      const std::lock_guard held{mutex_};
      forget_closed();
      magazines_.push_back(made);
    }
    thread_front_magazines::put(engine, made);
    return *made;
  }

  void flush(bool close, site where) noexcept {
    const std::lock_guard held{mutex_};
    for (const auto& one : magazines_) one->flush(close, where);
  }

  // As if there were no magazines.
  pool_stats correct(pool_stats stats) {
    const std::lock_guard held{mutex_};
    front_magazine::counts all = past_;
    for (const auto& one : magazines_) add(all, one->read());
    stats.total_acquisitions += all.taken;
    stats.hits += all.taken;
    stats.total_releases += all.put - all.flushed;
    stats.cross_thread_releases += all.crossed;
    stats.buffers_in_use -= all.blocks;
    stats.available_buffers += all.blocks;
    stats.bytes_in_use -= all.bytes;
    stats.bytes_idle += all.bytes;
    return stats;
  }

 private:
  static void add(front_magazine::counts& sum, const front_magazine::counts& one) {
    sum.taken += one.taken;
    sum.put += one.put;
    sum.flushed += one.flushed;
    sum.crossed += one.crossed;
    sum.blocks += one.blocks;
    sum.bytes += one.bytes;
  }
  void forget_closed() {
    std::erase_if(magazines_, [&](const std::shared_ptr<front_magazine>& one) {
      if (!one->closed()) return false;
      add(past_, one->read());
      return true;
    });
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<front_magazine>> magazines_;
  front_magazine::counts past_;
};

}  // namespace detail
MEMOIR_END

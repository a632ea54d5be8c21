#pragma once

// The functions of recycler for the few blocks that each thread keeps for itself:
//
//   thread --> its magazine (no lock) --> the lists of the recycler (a mutex)
//
// Blocks leave the magazines where a flush asks for them; so no block is out of reach for
// good, and none outlives the pool.

#include <array>
#include <cstddef>
#include <mutex>
#include <new>

#include "memoir/detail/front_magazine.h"
#include "memoir/detail/recycler.h"

MEMOIR_BEGIN
namespace detail {

// Of the calling thread, made with the first use; null: it is to have none.
inline front_magazine* recycler::my_magazine() noexcept {
  front_magazine* mine = front_.at_hand();
  if (mine == nullptr) {
    const std::lock_guard held{front_mutex_};
    if (front_closed_) return nullptr;
    mine = front_.of_thread([this](thread_life& life) {
      return new (std::nothrow) front_magazine{life, options_.thread_cache};
    });
  }
  if (front_.may_have_orphans()) flush_front(flushed::orphans, site::of_thread());
  return mine;
}

inline bool recycler::take_from_front(recycled_block& block) noexcept {
  front_magazine* const mine = my_magazine();
  if (mine == nullptr) return false;
  block.data = mine->take(block.capacity);
  block.reused = block.data != nullptr;
  return block.reused;
}

inline bool recycler::put_in_front(void* data, std::size_t capacity, bool other_thread,
                                   site where) {
  front_magazine* const mine = front_.at_hand();
  front_magazine::kept oldest;
  if (mine == nullptr ||
      !mine->put({static_cast<std::byte*>(data), capacity}, other_thread, oldest)) {
    return false;
  }
  if (oldest.data != nullptr) take_back(oldest.data, oldest.capacity, where, false);
  return true;
}

// What findings tell may use the pool: no lock is held where blocks are taken back.
inline void recycler::flush_front(flushed which, site where) noexcept {
  if (options_.thread_cache == 0) return;
  front_magazine* one = nullptr;
  {
    const std::lock_guard held{front_mutex_};
    if (which == flushed::for_good) {
      front_closed_ = true;
      front_.revoke();
    }
    front_.note_ended();
    one = front_.first();
  }
  for (; one != nullptr; one = front_.next(*one)) {
    std::array<front_magazine::kept, front_magazine::kMost> out;
    std::size_t count = 0;
    {
      const std::lock_guard held{front_mutex_};
      if (one->count() == 0 || (which == flushed::orphans && !one->is_orphan())) continue;
      if (!front_closed_) front_.revoke(*one);
      count = one->empty_into(out);
      if (!front_closed_) one->lock.allow();
    }
    for (std::size_t i = 0; i < count; ++i) {
      take_back(out[i].data, out[i].capacity, where, false);
    }
  }
}

// As if there were no magazines.
inline pool_stats recycler::stats_with_front() const {
  const std::lock_guard held{front_mutex_};
  front_.revoke();
  pool_stats sum = own_stats();
  front_magazine::counts all;
  front_.for_each([&](const front_magazine& one) { all.add(one.read()); });
  if (!front_closed_) front_.allow();
  sum.total_acquisitions += all.taken;
  sum.hits += all.taken;
  sum.total_releases += all.put - all.flushed;
  sum.cross_thread_releases += all.crossed;
  sum.buffers_in_use -= all.blocks;
  sum.available_buffers += all.blocks;
  sum.bytes_in_use -= all.bytes;
  sum.bytes_idle += all.bytes;
  return sum;
}

}  // namespace detail
MEMOIR_END

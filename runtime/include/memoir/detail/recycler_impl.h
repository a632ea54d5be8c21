#pragma once

// The functions of recycler that acquire and release; what becomes of idle blocks is in
// recycler_trim.h.

#include <algorithm>
#include <bit>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "memoir/detail/recycler.h"

MEMOIR_BEGIN
namespace detail {

inline recycler::recycler(const char* kind, const recycler_options& options,
                          std::pmr::memory_resource* upstream, site where,
                          const pool_watch* parent)
    : watch_{kind, watch_style::pool, where, parent},
      created_{where},
      options_{options},
      upstream_{upstream},
      releases_to_look_{options.trim_interval} {
  const bool one_size = options.key == recycler_key::one_size;
  if (one_size && options_.max_kept_size == 0) {
    options_.max_kept_size = options_.block_size;
  }
  if (!std::has_single_bit(options.alignment)) {
    throw std::invalid_argument(std::string(kind) + ": the alignment is no power of two");
  }
  if (one_size &&
      (options.block_size == 0 || slot_bytes(options.block_size) < options.block_size)) {
    watch_.report(finding::bad_size, where, "no block can be of the size of its blocks");
    throw std::invalid_argument(std::string(kind) +
                                ": no block can be of the size of its blocks");
  }
  if (one_size && options_.max_kept_size < options.block_size) {
    throw std::invalid_argument(std::string(kind) +
                                ": keeps no block, because all are too large");
  }
  if (upstream == nullptr) {
    throw std::invalid_argument(std::string(kind) + ": there is no upstream resource");
  }
}

inline std::unique_lock<std::mutex> recycler::lock() const {
  std::unique_lock held{mutex_, std::try_to_lock};
  if (!held.owns_lock()) {
    const auto begin = std::chrono::steady_clock::now();
    held.lock();
    const auto waited = std::chrono::steady_clock::now() - begin;
    ++stats_.contended;
    stats_.wait_ns += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count());
    watch_.tell(pool_event::wait, site::of_thread(), nullptr, 0,
                static_cast<std::uint64_t>(waited / std::chrono::nanoseconds{1}),
                "for the lock");
  }
  return held;
}

inline std::size_t recycler::capacity_for(std::size_t bytes) const noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) return 0;
  switch (options_.key) {
    case recycler_key::one_size:
      return std::max(bytes, options_.block_size);
    case recycler_key::exact:
      return bytes;
    case recycler_key::size_class:
      break;
  }
  return size_class(bytes);
}

inline recycler::idle_list* recycler::find_list(std::size_t capacity) {
  std::size_t place = 0;
  switch (options_.key) {
    case recycler_key::one_size:
      if (capacity > options_.max_kept_size) return nullptr;
      break;
    case recycler_key::exact: {
      const auto found = exact_.find(capacity);
      if (found == exact_.end()) return nullptr;
      place = found->second;
      break;
    }
    case recycler_key::size_class:
      place = size_class_index(capacity);
      break;
  }
  return place < lists_.size() ? &lists_[place] : nullptr;
}

// There is a list of this key, with room for one block more than there are.
inline recycler::idle_list& recycler::make_list(std::size_t capacity) {
  idle_list* list = find_list(capacity);
  if (list == nullptr) {
    std::size_t place = 0;
    if (options_.key == recycler_key::size_class) place = size_class_index(capacity);
    if (options_.key == recycler_key::exact) place = lists_.size();
    if (place >= lists_.size()) lists_.resize(place + 1);
    if (options_.key == recycler_key::exact) {
      try {
        exact_.emplace(capacity, place);
      } catch (...) {
        lists_.pop_back();
        throw;
      }
    }
    list = &lists_[place];
  }
  const std::size_t blocks =
      std::min(options_.max_idle, list->in_use + list->blocks.size() + 1);
  if (blocks > list->blocks.capacity()) {
    list->blocks.reserve(std::min(
        options_.max_idle, std::max<std::size_t>(blocks, 8) + list->blocks.capacity()));
  }
  return *list;
}

inline recycler::peaks recycler::count_acquired(std::size_t capacity, bool reused) {
  const peaks before{stats_.peak_allocation, stats_.peak_bytes, peak_in_use_bytes_};
  ++stats_.total_acquisitions;
  ++stats_.buffers_in_use;
  stats_.bytes_in_use += capacity;
  if (reused) {
    ++stats_.hits;
    --stats_.available_buffers;
    stats_.bytes_idle -= capacity;
  } else {
    ++stats_.misses;
    ++stats_.growth_events;
    ++stats_.total_allocated;
    stats_.peak_allocation = std::max(stats_.peak_allocation, stats_.total_allocated);
    stats_.peak_bytes =
        std::max(stats_.peak_bytes, stats_.bytes_in_use + stats_.bytes_idle);
  }
  peak_in_use_bytes_ = std::max(peak_in_use_bytes_, stats_.bytes_in_use);
  return before;
}

// Upstream has no memory for a block that was counted. Peaks that others have reached
// since stay.
inline void recycler::count_failed(std::size_t capacity, const peaks& before) {
  if (stats_.peak_allocation == stats_.total_allocated) {
    stats_.peak_allocation = std::max(before.blocks, stats_.total_allocated - 1);
  }
  if (stats_.peak_bytes == stats_.bytes_in_use + stats_.bytes_idle) {
    stats_.peak_bytes = std::max(before.bytes, stats_.peak_bytes - capacity);
  }
  if (peak_in_use_bytes_ == stats_.bytes_in_use) {
    peak_in_use_bytes_ = std::max(before.bytes_in_use, peak_in_use_bytes_ - capacity);
  }
  if (idle_list* list = find_list(capacity)) --list->in_use;
  --stats_.total_acquisitions;
  --stats_.buffers_in_use;
  stats_.bytes_in_use -= capacity;
  --stats_.misses;
  --stats_.growth_events;
  --stats_.total_allocated;
}

inline std::byte* recycler::get_memory(std::size_t capacity, site where) {
  const std::size_t bytes = slot_bytes(capacity);
  auto* slot = static_cast<std::byte*>(
      allocate_from(*upstream_, bytes, options_.alignment, where));
  watch_.add_backing(slot, bytes);
  return slot + pool_watch::space_before(options_.alignment);
}

inline void recycler::free(const idle_block& block) noexcept {
  std::byte* slot = block.data - pool_watch::space_before(options_.alignment);
  watch_.remove_backing(slot);
  upstream_->deallocate(slot, slot_bytes(block.capacity), options_.alignment);
}

inline std::size_t recycler::free_all(const batch& victims) noexcept {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < victims.count; ++i) {
    bytes += victims.blocks[i].capacity;
    free(victims.blocks[i]);
  }
  if (bytes != 0) {
    watch_.tell(pool_event::trim, site::of_thread(), nullptr, bytes, victims.count);
  }
  return bytes;
}

inline void recycler::hand_out(recycled_block& block, std::size_t bytes, site where) {
  block.number = watch_.allocated(
      block.data, bytes, pool_watch::space_before(options_.alignment),
      block.capacity - bytes + pool_watch::space_after(), options_.alignment, where);
}

// What all threads keep counts as outstanding, until it is needed.
inline result<recycled_block> recycler::try_acquire(std::size_t bytes, site where) {
  if (options_.thread_cache == 0) return acquire(bytes, where, false, false);
  recycled_block block;
  block.capacity = bytes == 0 ? 0 : capacity_for(bytes);
  if (block.capacity != 0 && take_from_front(block)) {
    hand_out(block, bytes, where);
    return block;
  }
  auto fresh = acquire(bytes, where, false, false);
  if (fresh || fresh.error() != errc::pool_exhausted) return fresh;
  flush_front(flushed::all, where);
  return acquire(bytes, where, false, false);
}

inline result<recycled_block> recycler::acquire(std::size_t bytes, site where, bool exact,
                                                bool replacing) {
  if (bytes == 0) return errc::invalid_size;
  recycled_block block;
  block.capacity = capacity_for(bytes);
  if (block.capacity == 0) return errc::size_overflow;
  peaks before;
  try {
    const auto held = lock();
    if (stats_.buffers_in_use >= options_.max_outstanding && !replacing) {
      watch_.tell(pool_event::fail, where, nullptr, bytes, 0, "exhausted");
      return errc::pool_exhausted;
    }
    idle_list* list = find_list(block.capacity);
    if (list != nullptr && !list->blocks.empty() &&
        (exact ? list->blocks.back().capacity == block.capacity
               : list->blocks.back().capacity >= block.capacity)) {
      const idle_block top = list->blocks.back();
      list->blocks.pop_back();
      list->idle_since_look = std::min(list->idle_since_look, list->blocks.size());
      ++list->in_use;
      block.data = top.data;
      block.capacity = top.capacity;
      block.reused = true;
    } else if (options_.key != recycler_key::one_size ||
               block.capacity <= options_.max_kept_size) {
      ++make_list(block.capacity).in_use;
    }
    before = count_acquired(block.capacity, block.reused);
  } catch (const std::bad_alloc&) {
    return errc::out_of_memory;
  }
  if (!block.reused) {
    try {
      block.data = get_memory(block.capacity, where);
    } catch (...) {
      const auto held = lock();
      count_failed(block.capacity, before);
      watch_.tell(pool_event::fail, where, nullptr, bytes, 0, "out of memory");
      return errc::out_of_memory;
    }
  }
  if (!block.reused) watch_.tell(pool_event::miss, where, block.data, block.capacity);
  hand_out(block, bytes, where);
  return block;
}

inline void* recycler::allocate_at(std::size_t bytes, std::size_t alignment, site where) {
  if (handed_over_.data != nullptr && handed_over_.capacity == bytes) {
    return std::exchange(handed_over_, {}).data;
  }
  if (alignment > options_.alignment) throw std::bad_alloc();
  const auto block = acquire(std::max<std::size_t>(bytes, 1), where, true, false);
  if (!block) {
    report_failure(block.error(), bytes, where);
    throw_error(block.error(), "recycling pool");
  }
  return block->data;
}

inline void recycler::report_failure(errc error, std::size_t bytes, site where) const {
  const finding kind = error == errc::invalid_size     ? finding::bad_size
                       : error == errc::size_overflow  ? finding::size_overflow
                       : error == errc::pool_exhausted ? finding::pool_exhausted
                                                       : finding{};
  if (kind != finding{}) watch_.report(kind, where, message_of(error), nullptr, bytes);
}

inline void recycler::deallocate_at(void* data, std::size_t bytes, std::size_t,
                                    site where) {
  release(data, capacity_for(std::max<std::size_t>(bytes, 1)), where);
}

// What the block really holds. Taking the caller's word would file it where it is found
// for requests that it is too small for.
inline std::size_t recycler::check_capacity(void* data, std::size_t capacity,
                                            site where) {
  const std::size_t room = watch_.room(data);
  if (room == 0 || room - pool_watch::space_after() == capacity) return capacity;
  const std::size_t real = room - pool_watch::space_after();
  watch_.report(
      capacity > real ? finding::undersized_reuse : finding::alloc_dealloc_mismatch,
      where,
      capacity > real
          ? "given back as larger than it is, for larger requests than it holds"
          : "given back as smaller than it is",
      data, capacity);
  return real;
}

// Whether the block lies in its list now.
inline bool recycler::keep(const idle_block& block, idle_list* list) {
  if (list == nullptr || closing_) return false;
  if (list->blocks.size() >= std::min(options_.max_idle, list->blocks.capacity()) ||
      block.capacity > options_.max_idle_bytes ||
      stats_.bytes_idle > options_.max_idle_bytes - block.capacity) {
    ++stats_.over_cap;
    return false;
  }
  list->blocks.push_back(block);
  ++stats_.available_buffers;
  stats_.bytes_idle += block.capacity;
  return true;
}

inline bool recycler::take_back(void* data, std::size_t capacity, site where,
                                bool other_thread) {
  if constexpr (is_tracking) capacity = check_capacity(data, capacity, where);
  const idle_block block{static_cast<std::byte*>(data), capacity};
  batch victims;
  bool kept = false;
  bool last = false;
  const char* too_much = nullptr;
  {
    const auto held = lock();
    idle_list* list = find_list(capacity);
    if (list != nullptr && list->in_use > 0) --list->in_use;
    ++stats_.total_releases;
    stats_.cross_thread_releases += other_thread ? 1 : 0;
    --stats_.buffers_in_use;
    stats_.bytes_in_use -= capacity;
    kept = keep(block, list);
    if (!kept) {
      --stats_.total_allocated;
      ++stats_.freed;
    }
    if (options_.trim_interval != 0 && --releases_to_look_ == 0) {
      releases_to_look_ = options_.trim_interval;
      look_for_surplus(victims);
    }
    if constexpr (is_tracking) {
      if (kept) too_much = retains_too_much(block);
    }
    last = retired_ && stats_.buffers_in_use == 0;
  }
  if (too_much != nullptr) {
    watch_.report(finding::over_retention, where, too_much, data, block.capacity);
  }
  if (!kept) {
    watch_.tell(pool_event::trim, where, nullptr, block.capacity, 1, "not kept");
    free(block);
  }
  free_all(victims);
  if (last) delete this;
  return true;
}

inline pool_stats recycler::own_stats() const {
  const auto held = lock();
  return stats_;
}

inline std::size_t recycler::idle(std::size_t bytes) const {
  const auto held = lock();
  const idle_list* list = const_cast<recycler*>(this)->find_list(capacity_for(bytes));
  return list != nullptr ? list->blocks.size() : 0;
}

inline void recycler::retire() noexcept {
  const site where = site::of_thread_or(created_);
  flush_front(flushed::for_good, where);
  watch_.report_live(finding::pool_destroyed_with_live_blocks, where);
  bool last = false;
  {
    const auto held = lock();
    closing_ = true;
  }
  clear();
  {
    const auto held = lock();
    retired_ = true;
    last = stats_.buffers_in_use == 0;
  }
  if (last) delete this;
}

}  // namespace detail
MEMOIR_END

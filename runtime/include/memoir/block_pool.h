#pragma once

// A fixed number of blocks of one size, cut from one piece of memory: acquire() hands
// out a unique_buffer, whose end brings the block back.
//
//   block_pool<float> pool(4096, 16);                // 16 blocks of 4096 floats
//   unique_buffer<float> frame = pool.acquire();     // throws pool_exhausted
//   auto maybe = pool.try_acquire();                 // result: pool_exhausted
//   auto later = pool.acquire_for(10ms);             // result: timeout
//   shared_buffer<float> shared = std::move(frame);  // goes back with its last owner
//
// Never grows. A pool may end before its blocks: they stay good, and the memory goes with
// the last of them. Elements are default-constructed when a block is handed out, and
// destroyed when it comes back.
//
// Complexity: O(1), but for the elements. Each thread keeps some free blocks at hand, so
// that pools of 16 blocks and more take no lock in most calls; no block is out of reach
// for others on that account (detail/block_stock.h). Only the first call of a thread
// allocates.
// Thread safety: any thread, but for the making and the ending.
// Errors: pool_exhausted from acquire(), results from the others; the constructor throws
// std::invalid_argument, std::bad_array_new_length, and what upstream does; acquiring
// throws what a constructor of T does, and the block is back.
// Findings: bad_size (no blocks, or empty ones), size_overflow, wrong_location (objects
// on a device), pool_exhausted (acquire()), double_return, foreign_return, invalid_free
// (give_back()), use_after_return, stale_handle (a buffer whose block was given back by
// its address and handed out again), pool_overflow, dirty_reuse
// (block_reuse::report_dirty), pool_destroyed_with_live_blocks
// Design: pt::memory::MemPool of PipelineTools, which must outlive its blocks, and takes
// one back twice; last in, first out, aligned, with a padded stride as in its successor
// nstd.

#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "memoir/buffer/unique_buffer.h"
#include "memoir/detail/block_pool_owner.h"
#include "memoir/detail/element_checks.h"
#include "memoir/result.h"

MEMOIR_BEGIN

class block_pool_resource;

template <class T, std::size_t Align = (alignof(T) > 64 ? alignof(T) : 64)>
class block_pool {
  static_assert(std::has_single_bit(Align) && Align >= alignof(T));
  using owner = detail::block_pool_owner<T>;

 public:
  using value_type = T;
  static constexpr std::size_t alignment = Align;

  // `blocks` blocks of `block_size` elements. Throws std::invalid_argument where either
  // is 0 (bad_size), std::bad_array_new_length where that is more than can be counted
  // (size_overflow), std::bad_alloc.
  block_pool(std::size_t block_size, std::size_t blocks,
             const block_pool_options& options = {}, site where = site::current())
      : block_size_{checked(block_size, blocks, options, where)},
        owner_{new owner{block_size, blocks, Align, options, where}} {}

  // Blocks that are out stay good.
  ~block_pool() { owner_->close(site::of_thread()); }
  block_pool(const block_pool&) = delete;
  block_pool& operator=(const block_pool&) = delete;

  // A block. Throws pool_exhausted, which says who has them, as the finding does.
  [[nodiscard]] unique_buffer<T> acquire(site where = site::current()) {
    T* const block = owner_->take();
    if (block == nullptr) [[unlikely]]
      throw_exhausted(where);
    return hand_out(block, where);
  }

  // The same where that is to be expected: errc::pool_exhausted, and no finding.
  result<unique_buffer<T>> try_acquire(site where = site::current()) {
    T* const block = owner_->take();
    if (block == nullptr) {
      books().tell(detail::pool_event::fail, where, nullptr, block_bytes(), 0,
                   "exhausted");
      return errc::pool_exhausted;
    }
    return hand_out(block, where);
  }

  // Waits until one comes back: errc::timeout where none did.
  template <class Rep, class Period>
  result<unique_buffer<T>> acquire_for(std::chrono::duration<Rep, Period> most,
                                       site where = site::current()) {
    return acquire_until(std::chrono::steady_clock::now() + most, where);
  }
  template <class Clock, class Duration>
  result<unique_buffer<T>> acquire_until(
      const std::chrono::time_point<Clock, Duration>& deadline,
      site where = site::current()) {
    T* const block = take_until(deadline, where);
    if (block == nullptr) return errc::timeout;
    return hand_out(block, where);
  }

  // Returns a block whose address was taken out of its buffer with
  // released_buffer::detach(). False: it is no block of this pool, or not handed out.
  // That is reported (double_return, foreign_return, invalid_free), but without tracking
  // only addresses that are none of the pool's are seen.
  bool give_back(T* block, site where = site::current()) noexcept {
    return give_back(block, block_bytes(), where);
  }

  // In elements, and in bytes.
  std::size_t block_size() const noexcept { return block_size_; }
  std::size_t block_bytes() const noexcept { return owner_->block_bytes(); }
  // From one block to the next.
  std::size_t stride() const noexcept { return owner_->stride(); }
  std::size_t capacity() const noexcept { return owner_->stock().capacity(); }
  memory_location location() const noexcept { return owner_->location(); }

  // Of this moment; exact where no other thread takes or returns blocks.
  std::size_t available() const { return owner_->stock().available(); }
  std::size_t in_use() const { return capacity() - available(); }
  // The most that were in use at once. Where several threads use the pool it may be too
  // high by what they keep at hand (block_pool_options::thread_blocks).
  std::size_t peak_in_use() const { return owner_->stock().peak_in_use(); }
  block_pool_counters counters() const { return owner_->stock().counters(); }

  // Who has blocks, one line; empty where tracking is off.
  std::string holders() const {
    char text[512];
    return {text, owner_->watch().describe_live(text, sizeof text)};
  }

  // Looks for damage around all blocks and in free ones. How many findings.
  std::size_t verify(site where = site::current()) { return books().verify(where); }

  // What reports call it.
  void set_name(std::string_view name) { books().set_name(name); }

 private:
  friend class block_pool_resource;

  // So many of its bytes were in use.
  bool give_back(T* block, std::size_t bytes, site where) noexcept {
    if constexpr (is_tracking) {
      if (!owner_->watch().is_live(block, {})) {
        owner_->books().released(block, where);
        return false;
      }
    } else if (!owner_->is_block(block)) {
      return false;
    }
    owner_->take_back(block, bytes, {}, where);
    return true;
  }

  // From so many bytes of a block to the next one's redzone.
  std::size_t room_behind(std::size_t bytes) const noexcept {
    return stride() - detail::pool_watch::space_before(Align) - bytes;
  }

  static std::size_t checked(std::size_t block_size, std::size_t blocks,
                             const block_pool_options& options, site where) {
    if (block_size == 0 || blocks == 0) {
      detail::report(finding::bad_size, "block_pool", where, "a pool of nothing");
      throw std::invalid_argument("block_pool: size and number of blocks are not 0");
    }
    if (!is_host_accessible(options.location) && !(std::is_trivial_v<T>)) {
      detail::report(finding::wrong_location, "block_pool", where,
                     "objects cannot be constructed on a device");
      throw std::invalid_argument("block_pool: objects on a device");
    }
    const std::size_t bytes =
        detail::bytes_of(block_size, sizeof(T), "block_pool", where);
    constexpr std::size_t kRoom = owner::stride_of(1, Align, true);
    detail::bytes_of(bytes, 2, "block_pool", where);
    detail::bytes_of(blocks, bytes + kRoom, "block_pool", where);
    return block_size;
  }

  template <class Deadline>
  T* take_until(const Deadline& deadline, site where) {
    if constexpr (is_tracking) {
      if (T* const block = owner_->take()) return block;
      const auto begin = std::chrono::steady_clock::now();
      T* const block = owner_->take_until(deadline);
      const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begin;
      books().tell(detail::pool_event::wait, where, nullptr, block_bytes(),
                   static_cast<std::uint64_t>(waited.count()), "for a block");
      return block;
    } else {
      return owner_->take_until(deadline);
    }
  }

  unique_buffer<T> hand_out(T* block, site where) {
    const detail::block_number number = owner_->hand_out(block, where);
    return {block, owner_->block_bytes(), *owner_, number};
  }

  [[noreturn]] void throw_exhausted(site where) const {
    std::string text =
        "block_pool: all " + std::to_string(capacity()) + " blocks are in use";
    if (const std::string who = holders(); !who.empty()) text += ": " + who;
    owner_->watch().report(finding::pool_exhausted, where, text.c_str());
    throw pool_exhausted(text);
  }

  detail::pool_watch& books() const noexcept { return owner_->books(); }

  const std::size_t block_size_;
  owner* const owner_;  // ends with the last block
};

MEMOIR_END

#pragma once

// A fixed number of buffers, all made at the start, lent out in turn.
//
//   memoir::round_robin_buffers buffers{4, 64 * 1024};
//   auto buffer = buffers.get_next();        // empty; its turn comes again after 3
//   others buffer.resize(read(fd, buffer.space()));
//
// The buffer whose turn it is may still be lent: reuse_policy says what becomes of that.
// Buffers must be given back before the set ends; the memory of what is lent then stays
// until it is given back.
//
// Complexity: O(1), but for `skip` (a search) and `wait`; a lock.
// Thread safety: the set, any thread, but for its making, moving and ending; a buffer,
// one thread at a time.
// Errors: std::invalid_argument for no buffers, std::bad_alloc of the constructor;
// std::logic_error or pool_exhausted from get_next(), results from the others;
// std::out_of_range and std::length_error beyond a buffer's size and capacity.
// Findings: bad_size (no buffers), size_overflow, recycled_while_leased
// (reuse_policy::error), pool_exhausted (get_next() with reuse_policy::skip),
// lease_timeout, out_of_bounds, stale_handle (moved from, or released), capacity_exceeded
// (resize()), dropped_data (append() did not take all, and nobody looked),
// use_after_return, pool_overflow, pool_destroyed_with_live_blocks
// Design: PreallocatedBuffers of the FASTQ parser's `buffer` module (Rust), which hands
// out, and clears, what another is still using.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <memory_resource>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "memoir/checked_index.h"
#include "memoir/detail/checked_outcome.h"
#include "memoir/detail/lease_set.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/resource.h"
#include "memoir/result.h"
#include "memoir/site.h"

MEMOIR_BEGIN

class round_robin_buffers;

namespace detail {

// What set and buffers share.
class round_robin_state {
 public:
  struct slot {
    std::byte* data = nullptr;
    [[no_unique_address]] block_number number{};
  };

  round_robin_state(std::size_t count, std::size_t size,
                    std::pmr::memory_resource* upstream, site where)
      : watch{"round_robin_buffers", watch_style::pool, where},
        created{where},
        leases{"round_robin_buffers", count, &watch, where},
        slots(count),
        size{size},
        upstream_{upstream} {
    stride_ = (pool_watch::space_before(kAlignment) + size + pool_watch::space_after() +
               kAlignment - 1) /
              kAlignment * kAlignment;
    if (size > std::numeric_limits<std::ptrdiff_t>::max() / 2 ||
        count > std::numeric_limits<std::ptrdiff_t>::max() /
                    std::max<std::size_t>(stride_, 1)) {
      watch.report(finding::size_overflow, where, "more bytes than any memory has",
                   nullptr, size);
      throw std::bad_array_new_length();
    }
    if (stride_ == 0) return;
    memory_ = static_cast<std::byte*>(
        allocate_from(*upstream, count * stride_, kAlignment, where));
    watch.add_backing(memory_, count * stride_);
    for (std::size_t i = 0; i < count; ++i) {
      slots[i].data = memory_ + i * stride_ + pool_watch::space_before(kAlignment);
    }
  }
  round_robin_state(const round_robin_state&) = delete;
  round_robin_state& operator=(const round_robin_state&) = delete;
  ~round_robin_state() {
    if (memory_ == nullptr) return;
    watch.remove_backing(memory_);
    upstream_->deallocate(memory_, slots.size() * stride_, kAlignment);
  }

  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  [[no_unique_address]] pool_watch watch;
  [[no_unique_address]] site created;
  lease_set leases;
  std::vector<slot> slots;
  const std::size_t size;
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> skipped{0};

 private:
  std::pmr::memory_resource* upstream_;
  std::byte* memory_ = nullptr;
  std::size_t stride_ = 0;
};

}  // namespace detail

// A buffer that is lent: bytes up to size(), room up to capacity(). Move-only; back in
// the set when it ends.
class round_robin_buffer {
 public:
  round_robin_buffer() = default;
  round_robin_buffer(round_robin_buffer&& other) noexcept
      : state_{std::move(other.state_)},
        ticket_{std::exchange(other.ticket_, {})},
        size_{std::exchange(other.size_, 0)} {}
  round_robin_buffer& operator=(round_robin_buffer&& other) noexcept {
    if (this != &other) {
      release(site::of_thread());
      state_ = std::move(other.state_);
      ticket_ = std::exchange(other.ticket_, {});
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  ~round_robin_buffer() { release(site::of_thread()); }

  // Back in the set; nothing the second time.
  void release(site where = site::current()) noexcept {
    if (!state_) return;
    const auto& slot = state_->slots[ticket_.slot];
    if (state_->size != 0) state_->watch.released(slot.data, slot.number, where);
    state_->leases.release(ticket_);
    state_.reset();
    size_ = 0;
  }

  bool valid() const noexcept { return state_ != nullptr; }
  explicit operator bool() const noexcept { return valid(); }
  // Which of the buffers. Only of a valid one.
  std::size_t index() const noexcept { return ticket_.slot; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return state_ ? state_->size : 0; }
  bool empty() const noexcept { return size_ == 0; }

  // Its bytes; all that there is room for.
  std::span<std::byte> span() noexcept { return {data(), size_}; }
  std::span<const std::byte> span() const noexcept { return {data(), size_}; }
  std::span<std::byte> space() noexcept { return {data(), capacity()}; }
  // Throws std::out_of_range, after reporting it, beyond size() (out_of_bounds), and
  // where there is no buffer (stale_handle).
  std::byte& operator[](checked_index index) {
    if (index.value >= size_) {
      if (!valid()) {
        detail::report(finding::stale_handle, "round_robin_buffer", index.where,
                       "it was moved from or released");
        throw std::out_of_range("round_robin_buffer");
      }
      detail::throw_out_of_range("round_robin_buffer", index.value, data(), index.where);
    }
    return data()[index.value];
  }

  // So many of its bytes are in use. Throws std::length_error beyond the capacity, which
  // is reported as capacity_exceeded.
  void resize(std::size_t size, site where = site::current()) {
    if (size > capacity()) {
      detail::report(finding::capacity_exceeded, "round_robin_buffer", where,
                     "the buffers of a set do not grow", data(), size);
      throw_error(errc::capacity_exceeded, "round_robin_buffer::resize");
    }
    size_ = size;
  }
  void clear() noexcept { size_ = 0; }
  // As much as there is room for.
  detail::checked_outcome<std::size_t> append(std::span<const std::byte> from,
                                              site where = site::current()) {
    const std::size_t bytes = std::min(from.size(), capacity() - size_);
    if (bytes != 0) std::memcpy(data() + size_, from.data(), bytes);
    size_ += bytes;
    return {bytes, bytes == from.size(), "round_robin_buffer", where};
  }

 private:
  friend class round_robin_buffers;
  std::byte* data() const noexcept {
    return state_ ? state_->slots[ticket_.slot].data : nullptr;
  }

  std::shared_ptr<detail::round_robin_state> state_;
  detail::lease_ticket ticket_;
  std::size_t size_ = 0;
};

// Where the buffer whose turn it is is still lent:
enum class reuse_policy : std::uint8_t {
  error,  // std::logic_error, after reporting it
  skip,   // the next one that is not; pool_exhausted where all are lent
  wait    // until it is given back
};

class round_robin_buffers {
 public:
  // `count` buffers of `size` bytes. Throws std::invalid_argument for none,
  // std::bad_array_new_length, and what upstream does, which lives as long as the last
  // buffer that is lent.
  round_robin_buffers(
      std::size_t count, std::size_t size, reuse_policy policy = reuse_policy::error,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : policy_{policy},
        state_{
            std::make_shared<detail::round_robin_state>(count, size, upstream, where)} {}
  round_robin_buffers(round_robin_buffers&&) = default;
  round_robin_buffers& operator=(round_robin_buffers&&) = delete;
  ~round_robin_buffers() {
    if (state_) {
      state_->watch.report_live(finding::pool_destroyed_with_live_blocks,
                                site::of_thread_or(state_->created));
    }
  }

  // The buffer whose turn it is, empty. Throws std::logic_error with reuse_policy::error,
  // pool_exhausted with `skip`.
  round_robin_buffer get_next(site where = site::current()) {
    auto lent = take(where);
    if (lent) return std::move(*lent);
    if (policy_ == reuse_policy::error) {
      throw std::logic_error("round_robin_buffers: the buffer is still lent");
    }
    state_->watch.report(finding::pool_exhausted, where, "all buffers are lent");
    throw_error(lent.error(), "round_robin_buffers::get_next");
  }
  // Fails with pool_exhausted: with `error` and `skip`, where it would throw; with
  // `wait`, never.
  result<round_robin_buffer> try_get_next(site where = site::current()) {
    return take(where);
  }
  // Waits at most so long, whatever the policy. Fails with timeout, which is reported as
  // lease_timeout.
  result<round_robin_buffer> get_next_for(std::chrono::steady_clock::duration longest,
                                          site where = site::current()) {
    return lend(state_->leases.acquire_slot_for(turn(), longest, where), errc::timeout,
                where);
  }

  // How many there are, the bytes of each, and how many are lent now.
  std::size_t count() const noexcept { return state_->slots.size(); }
  std::size_t buffer_size() const noexcept { return state_->size; }
  std::size_t leased() const { return state_->leases.leased(); }
  // Times that a buffer was passed over, because it was lent.
  std::uint64_t skipped() const noexcept { return state_->skipped; }
  // Looks at the redzones and at all buffers that nobody has. How many findings.
  std::size_t verify(site where = site::current()) { return state_->watch.verify(where); }

 private:
  std::size_t turn() noexcept {
    return state_->next.fetch_add(1, std::memory_order_relaxed) % count();
  }

  result<round_robin_buffer> take(site where) {
    std::size_t slot = turn();
    if (policy_ == reuse_policy::wait) {
      return lend(state_->leases.acquire_slot(slot, where), errc::timeout, where);
    }
    detail::lease_ticket ticket = state_->leases.try_acquire_slot(slot, where);
    if (!ticket && policy_ == reuse_policy::error) {
      state_->watch.report(finding::recycled_while_leased, where,
                           "its turn has come, but it was not given back",
                           state_->slots[slot].data, state_->size);
    }
    for (std::size_t i = 1; !ticket && policy_ == reuse_policy::skip && i < count();
         ++i) {
      state_->skipped.fetch_add(1, std::memory_order_relaxed);
      slot = turn();
      ticket = state_->leases.try_acquire_slot(slot, where);
    }
    return lend(ticket, errc::pool_exhausted, where);
  }

  result<round_robin_buffer> lend(detail::lease_ticket ticket, errc otherwise,
                                  site where) {
    if (!ticket) return otherwise;
    auto& slot = state_->slots[ticket.slot];
    if (state_->size != 0) {
      slot.number =
          state_->watch.allocated(slot.data, state_->size, state_->kAlignment, where);
    }
    round_robin_buffer lent;
    lent.state_ = state_;
    lent.ticket_ = ticket;
    return lent;
  }

  reuse_policy policy_;
  std::shared_ptr<detail::round_robin_state> state_;
};

MEMOIR_END

#pragma once

// What a threads_arena shares with its leases, and stays until the last of them is gone:
// the arenas, and who has which.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <utility>
#include <vector>

#include "memoir/buffer/tensor_arena.h"
#include "memoir/detail/lease_set.h"
#include "memoir/detail/thread_number.h"

MEMOIR_BEGIN
namespace detail {

template <class T, class Access>
struct leased_arenas {
  using arena = tensor_arena<T, Access>;

  struct slot {
    std::unique_ptr<arena> memory;
    // The thread that has it without a lease object; 0: none.
    std::atomic<std::uint64_t> thread{0};
    lease_ticket ticket;  // of that thread
  };

  leased_arenas(std::size_t capacity, std::size_t count,
                const tensor_arena_options& options, std::pmr::memory_resource* upstream,
                site where)
      : watch{"threads_arena", watch_style::arena, where},
        leases{"threads_arena", count, &watch, where},
        slots(count) {
    for (slot& one : slots) {
      one.memory = std::make_unique<arena>(capacity, options, upstream, where);
    }
  }

  // The slot that this thread has without a lease object; null: none.
  slot* find_own() {
    const std::uint64_t me = records::thread_number();
    for (slot& one : slots) {
      if (one.thread.load(std::memory_order_relaxed) == me) return &one;
    }
    return nullptr;
  }

  // Ends a lease; its tensors go.
  void give_back(const lease_ticket& ticket, site where) {
    arena& memory = *slots[ticket.slot].memory;
    memory.hand_over();
    memory.reset(where);
    memory.hand_over();
    leases.release(ticket);
  }

  [[no_unique_address]] pool_watch watch;
  lease_set leases;
  std::vector<slot> slots;
  std::atomic<std::uint64_t> repairs{0};
};

}  // namespace detail

// The right to use one arena of a threads_arena, until its end: that drops the tensors
// and lets the next one have the arena. It is for the thread that took it (lease_affinity
// otherwise), unless handed over. Outlives the threads_arena safely. Made by
// threads_arena::lease().
template <class T, class Access = checked_access>
class [[nodiscard]] arena_lease {
  using shared = detail::leased_arenas<T, Access>;

 public:
  using arena_type = tensor_arena<T, Access>;

  // Of nothing.
  arena_lease() = default;
  arena_lease(std::shared_ptr<shared> all, const detail::lease_ticket& ticket)
      : all_{std::move(all)},
        ticket_{ticket},
        repairs_{all_->repairs.load(std::memory_order_acquire)},
        thread_{records::thread_number()} {}
  arena_lease(arena_lease&& other) noexcept { swap(other); }
  arena_lease& operator=(arena_lease&& other) noexcept {
    arena_lease taken{std::move(other)};
    swap(taken);
    return *this;
  }
  ~arena_lease() {
    if (is_valid()) all_->give_back(ticket_, site::of_thread());
  }

  explicit operator bool() const { return static_cast<bool>(ticket_); }
  // Whether it was not revoked by repair().
  bool is_valid() const {
    return ticket_ && (all_->repairs.load(std::memory_order_acquire) == repairs_ ||
                       all_->leases.holds(ticket_));
  }

  // Throws std::logic_error where it is of nothing, or was revoked (stale_handle).
  arena_type& get(site where = site::current()) const {
    if (!is_valid()) {
      detail::report(finding::stale_handle, "arena_lease", where,
                     ticket_ ? "the lease was revoked" : "a lease of nothing");
      throw std::logic_error("arena_lease: revoked, or of nothing");
    }
    arena_type& arena = *all_->slots[ticket_.slot].memory;
    if constexpr (is_tracking) {
      if (records::thread_number() != thread_) {
        detail::report(finding::lease_affinity, "arena_lease", where,
                       "another thread took it, and did not hand it over", &arena);
        arena.hand_over();  // told once is enough
      }
    }
    return arena;
  }
  arena_type& operator*() const { return get(site::of_thread()); }
  arena_type* operator->() const { return &get(site::of_thread()); }

  // Called by the thread that goes on with it.
  void take_over() {
    thread_ = records::thread_number();
    if (is_valid()) all_->slots[ticket_.slot].memory->hand_over();
  }

  // Drops all tensors, and ends the lease.
  void reset(site where = site::current()) {
    if (is_valid()) all_->give_back(ticket_, where);
    ticket_ = {};
  }
  // Ends the lease of an arena that is empty. Throws std::logic_error where there are
  // tensors (leak); nothing is changed then.
  void release(site where = site::current()) {
    arena_type& arena = get(where);
    if (arena.used() != 0u) {
      detail::report(finding::leak, "arena_lease", where,
                     "there are tensors that were not dropped", &arena);
      throw std::logic_error("arena_lease: there are tensors left");
    }
    reset(where);
  }

 private:
  void swap(arena_lease& other) noexcept {
    std::swap(all_, other.all_);
    std::swap(ticket_, other.ticket_);
    std::swap(repairs_, other.repairs_);
    std::swap(thread_, other.thread_);
  }

  std::shared_ptr<shared> all_;
  detail::lease_ticket ticket_;
  std::uint64_t repairs_ = 0;
  std::uint64_t thread_ = 0;
};

MEMOIR_END

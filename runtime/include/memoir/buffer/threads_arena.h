#pragma once

// As many tensor arenas as there may be threads at work, lent out one at a time: nobody
// else uses an arena that one thread has.
//
//   memoir::threads_arena<double> buffers{1000};      // elements each, one per processor
//   auto lease = buffers.lease();                     // waits for a free one
//   auto a = lease->alloc(10, 10);                    // until the lease ends
//
// The arena's own functions work on the threads_arena, too: the first one takes a lease
// for the calling thread, which reset() or release() ends. That is bound to the thread,
// whatever runs on it: tasks that share or change threads need lease objects. A thread
// that ends without either keeps its arena from the others, until repair(). Who waits
// longer than patience (one second) is told (lease_timeout), and goes on waiting.
//
// Complexity: a lease takes a lock and O(arenas); everything else O(arenas), and what
// tensor_arena takes.
// Thread safety: any thread, where a function does not say otherwise; a lease, one
// thread at a time, handing over is said with take_over(). The upstream resource is used
// by several at once.
// Errors: those of tensor_arena; std::logic_error for a drop or release() without a
// lease, release() of tensors, and a lease of nothing or that was revoked;
// std::invalid_argument for no arenas.
// Findings: lease_affinity, lease_timeout, leak (release() of tensors), stale_handle (a
// lease that was revoked, or of nothing), pool_destroyed_with_live_blocks, bad_size,
// size_overflow, capacity_exceeded, mode_conflict, out_of_bounds, double_free,
// foreign_return, invalid_free, non_lifo_drop, use_after_reset, pool_overflow,
// unsynchronized_use (as tensor_arena)
// Design: ThreadsBuffer of Buffers.jl, where a task that fails keeps its buffer, and the
// others wait for ever.

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "memoir/detail/leased_arenas.h"

MEMOIR_BEGIN

// What tensor_arena, fixed_tensor_arena and threads_arena have in common.
template <class Arena>
concept tensor_arena_like = requires(Arena arena, const Arena constant) {
  typename Arena::value_type;
  arena.alloc(1, 2);
  arena.try_alloc(1, 2);
  { arena.reset() } -> std::same_as<std::size_t>;
  { constant.capacity() } -> std::same_as<std::size_t>;
  { constant.peak_usage() } -> std::same_as<std::size_t>;
  constant.used();
};

// A lease that repair() ended.
struct revoked_lease {
  std::size_t arena;         // which
  std::thread::id thread;    // that took it
  records::source_place at;  // where; line 0 where tracking is off
};

template <class T = double, class Access = checked_access>
class threads_arena {
  using shared = detail::leased_arenas<T, Access>;

 public:
  using value_type = T;
  using arena_type = tensor_arena<T, Access>;
  using lease_type = arena_lease<T, Access>;
  template <std::size_t Rank>
  using view = tensor_view<T, Rank, Access>;

  // `count` arenas of `capacity` elements each. Throws std::invalid_argument for none.
  explicit threads_arena(
      std::size_t capacity, std::size_t count = default_count(),
      const tensor_arena_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : all_{std::make_shared<shared>(capacity, count, options, upstream, where)} {}
  // Leases that are still held are reported (pool_destroyed_with_live_blocks), where they
  // were taken; lease objects stay good.
  ~threads_arena() { report_held(); }
  threads_arena(const threads_arena&) = delete;
  threads_arena& operator=(const threads_arena&) = delete;

  // One for each processor.
  static std::size_t default_count() {
    return std::max(1u, std::thread::hardware_concurrency());
  }

  // Waits for an arena. Any number of leases on one thread.
  lease_type lease(site where = site::current()) {
    return {all_, all_->leases.acquire(where)};
  }
  // Of nothing where all are held.
  lease_type try_lease(site where = site::current()) {
    return make(all_->leases.try_acquire(where));
  }
  // Of nothing, and reported (lease_timeout), where none came back in time.
  lease_type lease_for(std::chrono::nanoseconds longest, site where = site::current()) {
    return make(all_->leases.acquire_for(longest, where));
  }

  // How many arenas there are, and how many are lent now.
  std::size_t buffer_count() const { return all_->slots.size(); }
  std::size_t leased_count() const { return all_->leases.leased(); }
  // Before others use it.
  void set_patience(std::chrono::nanoseconds patience) {
    all_->leases.set_patience(patience);
  }

  // Ends all leases, also those of threads that are gone, and drops their tensors. Who
  // goes on using one is told: stale_handle, lease_affinity, use_after_reset. No thread
  // may be inside of an arena meanwhile.
  std::vector<revoked_lease> repair(site where = site::current()) {
    std::vector<revoked_lease> revoked;
    revoked.reserve(buffer_count());
    all_->repairs.fetch_add(1, std::memory_order_acq_rel);
    all_->leases.revoke_all([&](const detail::lease_holder& held) {
      typename shared::slot& slot = all_->slots[held.slot];
      slot.thread.store(0, std::memory_order_relaxed);
      slot.memory->hand_over();
      slot.memory->reset(where);
      slot.memory->hand_over();
      all_->watch.tell(detail::pool_event::revoke, held.where);
      revoked.push_back({held.slot, held.thread, held.where});
    });
    return revoked;
  }

  // The functions of tensor_arena, on the arena of the calling thread.
  template <std::integral... More>
  [[nodiscard]] view<1 + sizeof...(More)> alloc(detail::first_extent first,
                                                More... more) {
    return own(first.where).alloc(first, more...);
  }
  template <std::size_t Rank>
  [[nodiscard]] view<Rank> alloc_shape(const std::array<std::size_t, Rank>& extents,
                                       tensor_order order = tensor_order::column_major,
                                       site where = site::current()) {
    return own(where).alloc_shape(extents, order, where);
  }
  template <std::integral... More>
  result<view<1 + sizeof...(More)>> try_alloc(detail::first_extent first, More... more) {
    return own(first.where).try_alloc(first, more...);
  }
  view<1> append(std::span<const T> from, site where = site::current()) {
    return own(where).append(from, where);
  }
  template <std::size_t Rank>
  void drop(view<Rank>& tensor, site where = site::current()) {
    leased(where).drop(tensor, where);
  }
  template <std::size_t... Ranks>
  requires(sizeof...(Ranks) > 0) void drop(detail::first_dropped<T, Access> first,
                                           view<Ranks>&... more) {
    leased(first.where).drop(first, more...);
  }
  template <std::size_t Rank>
  view<Rank> reshape(const std::array<std::size_t, Rank>& extents, reshape_at at = {},
                     tensor_order order = tensor_order::column_major,
                     site where = site::current()) {
    return own(where).reshape(extents, at, order, where);
  }
  template <std::integral... More>
  view<1 + sizeof...(More)> reshape(detail::first_extent first, More... more) {
    return own(first.where).reshape(first, more...);
  }
  template <std::size_t Rank>
  detached<T> neuralyze(const view<Rank>& tensor, site where = site::current()) {
    return leased(where).neuralyze(tensor, where);
  }
  void recall(const T* pointer, site where = site::current()) {
    leased(where).recall(pointer);
  }
  void reserve(std::size_t count, site where = site::current()) {
    own(where).reserve(count, where);
  }

  // Drops the thread's tensors and ends its lease, if it has one.
  std::size_t reset(site where = site::current()) {
    typename shared::slot* slot = all_->find_own();
    if (slot == nullptr) return 0;
    const std::size_t live = slot->memory->reset(where);
    end_own(*slot, where);
    return live;
  }
  // Ends the thread's lease of an arena that is empty. Throws std::logic_error where
  // there are tensors (leak), or there is no lease (lease_affinity).
  void release(site where = site::current()) {
    typename shared::slot& slot = leased_slot(where);
    if (slot.memory->used() != 0u) {
      detail::report(finding::leak, "threads_arena", where,
                     "there are tensors that were not dropped");
      throw std::logic_error("threads_arena: there are tensors left");
    }
    end_own(slot, where);
  }

  // Of the thread's arena: 0 without a lease, nothing in reshape mode.
  std::optional<std::size_t> used() const {
    typename shared::slot* slot = all_->find_own();
    return slot != nullptr ? slot->memory->used() : 0;
  }
  // Of the thread's arena, or of one that it may get.
  std::size_t capacity() const {
    typename shared::slot* slot = all_->find_own();
    return (slot != nullptr ? slot : &all_->slots[0])->memory->capacity();
  }
  bool extendable() const { return all_->slots[0].memory->extendable(); }
  // The largest of all arenas. While nobody uses one.
  std::size_t peak_usage() const {
    std::size_t peak = 0;
    for (const auto& one : all_->slots) peak = std::max(peak, one.memory->peak_usage());
    return peak;
  }
  // For all arenas. While nobody uses one.
  void set_extendable(bool on, site where = site::current()) {
    for (auto& one : all_->slots) one.memory->set_extendable(on, where);
  }

 private:
  lease_type make(const detail::lease_ticket& ticket) {
    return ticket ? lease_type{all_, ticket} : lease_type{};
  }

  arena_type& own(site where) {
    typename shared::slot* slot = all_->find_own();
    if (slot == nullptr) {
      const detail::lease_ticket ticket = all_->leases.acquire(where);
      slot = &all_->slots[ticket.slot];
      slot->ticket = ticket;
      slot->thread.store(records::thread_number(), std::memory_order_relaxed);
    }
    return *slot->memory;
  }

  arena_type& leased(site where) { return *leased_slot(where).memory; }
  typename shared::slot& leased_slot(site where) {
    typename shared::slot* slot = all_->find_own();
    if (slot == nullptr) {
      detail::report(finding::lease_affinity, "threads_arena", where,
                     "the calling thread has no lease");
      throw std::logic_error("threads_arena: the calling thread has no lease");
    }
    return *slot;
  }

  void end_own(typename shared::slot& slot, site where) {
    slot.thread.store(0, std::memory_order_relaxed);
    all_->give_back(slot.ticket, where);
  }

  void report_held() {
    const std::uint64_t me = records::thread_number();
    for (typename shared::slot& slot : all_->slots) {
      const auto index = static_cast<std::size_t>(&slot - all_->slots.data());
      const detail::lease_holder held = all_->leases.holder_of(index);
      // What the destroying thread had without a lease object goes with the arena.
      if (held.number == 0 || slot.thread.load(std::memory_order_relaxed) == me) continue;
      if constexpr (is_tracking) {
        finding_report told;
        told.kind = finding::pool_destroyed_with_live_blocks;
        told.pool_kind = "threads_arena";
        told.where = site::of_thread_or(held.where);
        told.allocated = held.where;
        told.text = "a lease is still held";
        records::tell(told);
      }
    }
  }

  std::shared_ptr<shared> all_;
};

// Calls f(arenas) with `threads` arenas of so many elements each, which do not grow, and
// frees them, also when f throws. What f returns.
template <class T = double, class F>
decltype(auto) with_threads_buffer(std::size_t count, std::size_t threads, F&& f,
                                   site where = site::current()) {
  threads_arena<T> arenas{
      count, threads, {.extendable = false}, std::pmr::get_default_resource(), where};
  return std::forward<F>(f)(arenas);
}

// Calls f(arena) with a lease, which ends afterwards, also when f throws.
template <class T, class Access, class F>
decltype(auto) with_buffer(threads_arena<T, Access>& arenas, F&& f,
                           site where = site::current()) {
  const auto lease = arenas.lease(where);
  return std::forward<F>(f)(lease.get(where));
}

MEMOIR_END

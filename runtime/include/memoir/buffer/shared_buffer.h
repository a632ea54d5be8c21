#pragma once

// A buffer that several own: the last one that ends frees the memory, or gives it back
// to its pool. What std::shared_ptr<T[]> is, with a size and a location, and a release().
//
//   shared_buffer<float> frame{pool.acquire()};
//   std::thread worker([frame] { use(frame.span()); });
//
// Where tracking is on, each_sharer() says who keeps the buffer alive.
//
// Complexity: O(1), but for the elements; a copy is one atomic addition, and a lock where
// tracking is on.
// Thread safety: that of std::shared_ptr: the count is safe, one object is used by one
// thread at a time, and the elements are as safe as elements are.
// Errors: those of unique_buffer; std::bad_alloc for the count, in which case nothing is
// lost.
// Findings: bad_size (null with elements), size_overflow, wrong_location, out_of_bounds,
// double_free (two own the same memory), stale_handle (its block is another one by now),
// alloc_dealloc_mismatch (std::default_delete of one object for several), bad_deleter,
// pool_overflow, use_after_return (its block was given back by its address)
// Design: pt::memory::shared_buffer of PipelineTools, which loses memory of no elements,
// and what it has no count for.

#include <atomic>
#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>

#include "memoir/buffer/released_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/detail/buffer_access.h"
#include "memoir/detail/sharer_list.h"

MEMOIR_BEGIN

template <class T>
class shared_buffer : public detail::buffer_access<shared_buffer<T>, T> {
 public:
  static constexpr const char* kType = "shared_buffer";

  shared_buffer() = default;
  // A template, so that the number 0 is no null pointer.
  template <std::same_as<std::nullptr_t> Null>
  shared_buffer(Null) noexcept {}

  // As the constructors of unique_buffer, and std::bad_alloc for the count, in which
  // case nothing is lost.
  explicit shared_buffer(std::size_t count, site where = site::current())
      : shared_buffer{unique_buffer<T>(count, where), where} {}
  shared_buffer(std::size_t count, std::pmr::memory_resource* upstream,
                memory_location location = memory_location::host,
                site where = site::current())
      : shared_buffer{unique_buffer<T>(count, upstream, location, where), where} {}
  template <class Deleter>
  requires std::is_invocable_v<Deleter&, T*> shared_buffer(
      T* memory, std::size_t count, Deleter deleter,
      memory_location location = memory_location::host, site where = site::current())
      : shared_buffer{
            unique_buffer<T>(memory, count, std::move(deleter), location, where),
            where} {}

  // Takes the buffer over. Where it throws std::bad_alloc, `buffer` has it still.
  shared_buffer(unique_buffer<T>&& buffer, site where = site::current()) {
    if (!buffer) return;
    state_ = new state;
    state_->handle = buffer.take_handle();
    begin(where, 1);
  }
  explicit shared_buffer(released_buffer<T>&& released, site where = site::current()) {
    if (!released) return;
    state_ = new state;
    state_->handle = detail::buffer_handle{released.detach_block()};
    begin(where, 1);
  }

  shared_buffer(const shared_buffer& other, site where = site::current()) noexcept
      : state_{other.state_} {
    if (state_ == nullptr) return;
    begin(where, state_->count.fetch_add(1, std::memory_order_relaxed) + 1);
  }
  shared_buffer(shared_buffer&& other) noexcept
      : state_{std::exchange(other.state_, nullptr)} {
    if (state_ != nullptr) state_->sharers.replace(other.node_, node_);
  }
  shared_buffer& operator=(const shared_buffer& other) noexcept {
    shared_buffer(other, site::of_thread()).swap(*this);
    return *this;
  }
  shared_buffer& operator=(shared_buffer&& other) noexcept {
    shared_buffer(std::move(other)).swap(*this);
    return *this;
  }
  ~shared_buffer() { drop(site::of_thread()); }

  // Owns nothing from here on.
  void reset(site where = site::current()) noexcept { drop(where); }

  // How many own the buffer; 0 where it is empty. Of this moment.
  std::size_t use_count() const noexcept {
    return state_ != nullptr ? state_->count.load(std::memory_order_acquire) : 0;
  }

  // Gives up the memory, without freeing it, if nobody else owns it; otherwise nothing
  // happens.
  std::optional<released_buffer<T>> release(site where = site::current()) noexcept {
    if (state_ == nullptr) return std::nullopt;
    std::size_t alone = 1;
    if (!state_->count.compare_exchange_strong(alone, 0, std::memory_order_acq_rel)) {
      return std::nullopt;
    }
    state* const last = std::exchange(state_, nullptr);
    end(*last, 0);
    last->handle.tell(detail::pool_event::release_ownership, where);
    released_buffer<T> released{last->handle.detach(where), where};
    delete last;
    return released;
  }

  void swap(shared_buffer& other) noexcept {
    shared_buffer mine(std::move(*this));
    take(other);
    other.take(mine);
  }
  friend void swap(shared_buffer& a, shared_buffer& b) noexcept { a.swap(b); }

  // visit(const buffer_sharer&) for everyone who owns the buffer, where tracking is on.
  // It must not copy or end owners of this buffer.
  template <class Visit>
  void each_sharer(Visit visit) const {
    if (state_ != nullptr) state_->sharers.each(visit);
  }

  // For what all buffers have.
  const detail::buffer_handle& handle() const noexcept {
    static const detail::buffer_handle nothing;
    return state_ != nullptr ? state_->handle : nothing;
  }

 private:
  struct state {
    std::atomic<std::size_t> count{1};
    [[no_unique_address]] detail::sharer_list sharers;
    detail::buffer_handle handle;
  };

  // What the other one had; this one has nothing.
  void take(shared_buffer& other) noexcept {
    state_ = std::exchange(other.state_, nullptr);
    if (state_ != nullptr) state_->sharers.replace(other.node_, node_);
  }

  // This is one owner more, and one less. Before others can end the state.
  void begin(site where, std::size_t owners) noexcept {
    state_->sharers.add(node_, where);
    state_->handle.tell(detail::pool_event::share, where, owners);
  }
  void end(state& of, std::size_t left) noexcept {
    of.handle.tell(detail::pool_event::unshare, of.sharers.remove(node_), left);
  }

  void drop(site where) noexcept {
    state* const mine = std::exchange(state_, nullptr);
    if (mine == nullptr) return;
    end(*mine, mine->count.load(std::memory_order_relaxed) - 1);
    if (mine->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    mine->handle.give_back(where);
    delete mine;
  }

  state* state_ = nullptr;
  [[no_unique_address]] detail::sharer_list::node node_;
};

template <class T>
shared_buffer<T> unique_buffer<T>::to_shared(site where) && {
  return shared_buffer<T>{std::move(*this), where};
}

MEMOIR_END

#pragma once

// What every owning buffer is made of: one block, and whom it goes back to.
//
//   buffer_handle | block, bytes, number | --> block_owner | references, watch | --> pool
//
// The handle is given back by its destructor, exactly once, and is safe when the pool has
// ended before: pool and control block (block_owner) are two things, and the control
// block stays until the last block of it is back. Where tracking is on, the number tells
// the block from others that lay at the same address before or after it.
//
// Whoever owns a block may take it out of the handle with detach(), and has to give it
// back through block_owner::take_back() himself.
//
// Thread safety: a handle is a value, used by one thread at a time; block_owner from any.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "memoir/detail/block_holder.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/memory_location.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// The control block: takes blocks back, whatever has become of the pool by then.
//
// It lives while somebody holds a reference: the pool holds one, and so does each block
// that is out; or the pool counts its blocks in a way of its own, and drops its reference
// with the last of them. References beyond these keep the control block and its watch,
// not the memory of the blocks.
class block_owner {
 public:
  constexpr explicit block_owner(
      memory_location location = memory_location::host) noexcept
      : location_{location} {}
  block_owner(const block_owner&) = delete;
  block_owner& operator=(const block_owner&) = delete;

  // Takes a block back that it handed out, or reports that it did not. The caller has
  // nothing to do with the block afterwards. Exceptions on the way are findings.
  virtual void take_back(void* block, std::size_t bytes, block_number number,
                         site where) noexcept = 0;
  // No handle holds the block any more, and none will give it back: the program has the
  // address (`detached`), or nobody has.
  virtual void let_go(void* /*block*/, block_number, bool /*detached*/, site) noexcept {}
  // Whom to ask about its blocks.
  virtual const pool_watch& watch() const noexcept = 0;

  memory_location location() const noexcept { return location_; }

  void retain() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 protected:
  virtual ~block_owner() = default;

 private:
  mutable std::atomic<std::size_t> references_{1};
  const memory_location location_;
};

// A reference to a control block. Empty, or keeps it.
template <class Owner = block_owner>
class owner_ref {
 public:
  owner_ref() = default;
  // Takes over the reference that the caller has.
  explicit owner_ref(Owner* adopted) noexcept : owner_{adopted} {}
  // Adds one of its own.
  static owner_ref share(Owner* owner) noexcept {
    if (owner != nullptr) owner->retain();
    return owner_ref{owner};
  }
  owner_ref(const owner_ref& other) noexcept : owner_{other.owner_} {
    if (owner_ != nullptr) owner_->retain();
  }
  owner_ref(owner_ref&& other) noexcept : owner_{std::exchange(other.owner_, nullptr)} {}
  owner_ref& operator=(owner_ref other) noexcept {
    std::swap(owner_, other.owner_);
    return *this;
  }
  ~owner_ref() {
    if (owner_ != nullptr) owner_->release();
  }

  Owner* get() const noexcept { return owner_; }
  Owner* operator->() const noexcept { return owner_; }
  Owner& operator*() const noexcept { return *owner_; }
  explicit operator bool() const noexcept { return owner_ != nullptr; }

 private:
  Owner* owner_ = nullptr;
};

// A block without anybody who gives it back.
struct detached_block {
  void* block = nullptr;
  std::size_t bytes = 0;
  block_owner* owner = nullptr;
  [[no_unique_address]] block_number number{};
};

class buffer_handle {
 public:
  buffer_handle() = default;
  // Owns the block from here on. null: empty.
  buffer_handle(void* block, std::size_t bytes, block_owner& owner,
                block_number number) noexcept
      : held_{block, bytes, &owner, number} {}
  explicit buffer_handle(detached_block block) noexcept : held_{block} {}

  // What it is moved from is empty, and check() says so.
  buffer_handle(buffer_handle&& other) noexcept : held_{other.held_} { moved(other); }
  buffer_handle& operator=(buffer_handle&& other) noexcept {
    if (this != &other) {
      give_back(site::of_thread());
      held_ = other.held_;
      moved(other);
    }
    return *this;
  }
  ~buffer_handle() {
    if (held_.block != nullptr) give_back(site::of_thread());
  }

  void* data() const noexcept { return held_.block; }
  std::size_t size_bytes() const noexcept { return held_.bytes; }
  // Only where it holds a block.
  block_owner& owner() const noexcept { return *held_.owner; }
  block_number number() const noexcept { return held_.number; }
  bool holds_block() const noexcept { return held_.block != nullptr; }
  // Whether its block went to another handle, and nothing was put in since.
  bool was_moved_from() const noexcept {
    return held_.block == nullptr && held_.owner != nullptr;
  }
  memory_location location() const noexcept {
    return holds_block() ? held_.owner->location() : memory_location::host;
  }

  // Of another size from here on: a buffer that was shortened, or has grown in place.
  void set_size_bytes(std::size_t bytes) noexcept { held_.bytes = bytes; }

  // Empty afterwards, also where it was before.
  void give_back(site where) noexcept {
    // Word by word: a copy of the whole would wait for the words that were just written.
    void* const block = held_.block;
    if (block == nullptr) return;
    const std::size_t bytes = held_.bytes;
    block_owner* const owner = held_.owner;
    const block_number number = held_.number;
    held_ = {};
    if constexpr (is_tracking) holder_.ends(owner->watch(), block, bytes, where);
    owner->take_back(block, bytes, number, where);
  }

  // The caller owns the block from here on. Empty afterwards.
  [[nodiscard]] detached_block detach(site where = site::of_thread()) noexcept {
    if constexpr (is_tracking) {
      if (holds_block()) {
        holder_.ends(held_.owner->watch(), held_.block, held_.bytes, where);
      }
    }
    return std::exchange(held_, detached_block{});
  }

  void swap(buffer_handle& other) noexcept {
    std::swap(held_, other.held_);
    std::swap(holder_, other.holder_);
  }

  // Something happened to the block, if it holds one.
  void tell(pool_event kind, site where, std::uint64_t amount = 0) const noexcept {
    if constexpr (is_tracking) {
      if (!holds_block()) return;
      held_.owner->watch().tell(kind, where, held_.block, held_.bytes, amount);
    }
  }

  // Whether it holds a block that is still the one it got. What is wrong otherwise is
  // reported: stale_handle where it was moved from (`type` says of what), or what
  // pool_watch::check() says. Empty handles that never held one are not reported. Where
  // tracking is off: whether it holds a block.
  bool check(const char* type, site where) const {
    if (held_.block == nullptr) {
      if constexpr (is_tracking) {
        if (was_moved_from()) {
          report(finding::stale_handle, type, where, "it was moved from");
        }
      }
      return false;
    }
    if constexpr (!is_tracking) return true;
    return holder_.is_live(held_.owner->watch(), held_.block, held_.number, where);
  }

 private:
  // What the other one held is here now.
  void moved(buffer_handle& other) noexcept {
    other.held_.block = nullptr;
    other.held_.bytes = 0;
    if constexpr (is_tracking) {
      holder_ = other.holder_;
      if (!holds_block()) return;
      holder_.moved(held_.owner->watch(), held_.block, held_.bytes, site::of_thread());
    }
  }

  // With an owner and no block: moved from; the owner may be gone.
  detached_block held_;
  [[no_unique_address]] block_holder holder_;
};

}  // namespace detail
MEMOIR_END

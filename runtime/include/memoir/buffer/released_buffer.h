#pragma once

// A buffer whose memory nobody manages: pointer, size, location and how to free it.
// unique_buffer and shared_buffer give it back from release(); it can be made by hand,
// too.
//
// Whoever has one does one of three things: free() it, give it to a buffer (adopt() or
// the constructors), or detach() the address and free that in another way. Its destructor
// does not: the memory stays, and that is reported at the line of release().
//
// Complexity: O(1), and what the deleter takes.
// Thread safety: one thread at a time.
// Errors: the constructor throws as that of unique_buffer, once the deleter was called;
// the rest does not throw.
// Findings: abandoned_release, double_free (free() twice, or two own the same memory),
// bad_size (null with elements), size_overflow, alloc_dealloc_mismatch
// (std::default_delete of one object for several), bad_deleter
// Design: pt::memory::released_buffer of PipelineTools, but moved, not copied, so that
// memory is not freed twice.

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/deleter_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN

template <class T>
class unique_buffer;

template <class T>
class [[nodiscard]] released_buffer {
 public:
  using element_type = T;
  using value_type = T;

  released_buffer() = default;
  // Memory of the program's, as unique_buffer takes it over.
  template <class Deleter>
  released_buffer(T* memory, std::size_t count, Deleter deleter,
                  memory_location location = memory_location::host,
                  site where = site::current())
      : block_{detail::adopt_memory(memory, count, std::move(deleter), location,
                                    "released_buffer", where)},
        where_{where} {}
  // For buffers.
  released_buffer(detail::detached_block block, site where) noexcept
      : block_{block}, where_{where} {}

  released_buffer(released_buffer&& other) noexcept
      : block_{std::exchange(other.block_, {})}, where_{other.where_} {}
  // What it held before is abandoned.
  released_buffer& operator=(released_buffer&& other) noexcept {
    if (this != &other) {
      report_abandoned();
      block_ = std::exchange(other.block_, {});
      where_ = other.where_;
    }
    return *this;
  }
  ~released_buffer() { report_abandoned(); }

  T* data() const noexcept { return static_cast<T*>(block_.block); }
  T* get() const noexcept { return data(); }
  std::size_t size() const noexcept { return block_.bytes / sizeof(T); }
  std::size_t size_bytes() const noexcept { return block_.bytes; }
  bool empty() const noexcept { return block_.bytes == 0; }
  memory_location location() const noexcept {
    return block_.owner != nullptr ? block_.owner->location() : memory_location::host;
  }
  explicit operator bool() const noexcept { return block_.block != nullptr; }

  // Frees the memory as its buffer would have, or returns it to its pool. A second time
  // is reported (double_free), and does nothing.
  void free(site where = site::current()) noexcept {
    if (block_.block == nullptr) {
      if (block_.owner != nullptr) {
        detail::report(finding::double_free, "released_buffer", where,
                       "it was freed before");
      }
      return;
    }
    detail::block_owner& owner = *block_.owner;
    void* const memory = std::exchange(block_.block, nullptr);
    owner.take_back(memory, std::exchange(block_.bytes, 0), block_.number, where);
  }

  // A buffer that owns the memory; this one is empty then.
  unique_buffer<T> adopt(site where = site::current()) noexcept {
    return unique_buffer<T>{std::move(*this), where};
  }

  // The address, for the caller to free as its deleter would, or to return with
  // block_pool::give_back(). Memory that a buffer allocated itself can only be freed by
  // free(). This one is empty then.
  [[nodiscard]] T* detach(site where = site::current()) noexcept {
    const detail::detached_block block = std::exchange(block_, {});
    if (block.block == nullptr) return nullptr;
    block.owner->let_go(block.block, block.number, true, where);
    return static_cast<T*>(block.block);
  }

  // For buffers: all there is, leaving it empty.
  [[nodiscard]] detail::detached_block detach_block() noexcept {
    return std::exchange(block_, {});
  }

 private:
  void report_abandoned() noexcept {
    if (block_.block == nullptr) return;
    if constexpr (is_tracking) {
      block_.owner->watch().report(finding::abandoned_release, where_,
                                   "it was neither freed nor adopted", block_.block,
                                   block_.bytes);
    }
    block_.owner->let_go(block_.block, block_.number, false, where_);
  }

  // An owner without a block: freed; the owner may be gone.
  detail::detached_block block_;
  [[no_unique_address]] site where_{};  // of release()
};

MEMOIR_END

#include "memoir/buffer/unique_buffer.h"

#pragma once

// One block from upstream, watched: the memory of a ring, a line buffer, a batch.
//
// Thread safety: none of its own. Errors: what upstream throws.

#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>

#include "memoir/detail/pool_watch.h"
#include "memoir/resource.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

class watched_storage {
 public:
  // `kind`: a literal, the type's name. Of 0 bytes: no memory.
  watched_storage(const char* kind, std::size_t bytes, std::size_t alignment,
                  std::pmr::memory_resource* upstream, site where,
                  block_content content = block_content::uninitialized)
      : watch_{kind, watch_style::allocator, where},
        upstream_{upstream},
        alignment_{alignment} {
    replace(bytes, where, content);
  }
  watched_storage(const watched_storage&) = delete;
  watched_storage& operator=(const watched_storage&) = delete;
  ~watched_storage() { free(site::of_thread()); }

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::pmr::memory_resource* upstream() const noexcept { return upstream_; }
  pool_watch& watch() noexcept { return watch_; }
  const pool_watch& watch() const noexcept { return watch_; }

  // Somebody else has written into it: whether its redzones are as they were, where
  // tracking is on. What is not is reported.
  bool is_whole(site where) { return watch_.verify(where) == 0; }

  // A block of this size in place of the one there was, which is handed to `move_to`
  // before it is freed.
  template <class Move>
  void replace(std::size_t bytes, site where, Move move_to) {
    watched_block next = get(bytes, where, block_content::uninitialized);
    move_to(next.data);
    free(where);
    data_ = next.data;
    size_ = bytes;
  }
  void replace(std::size_t bytes, site where, block_content content) {
    const watched_block next = get(bytes, where, content);
    free(where);
    data_ = next.data;
    size_ = bytes;
  }

 private:
  struct watched_block {
    std::byte* data = nullptr;
  };
  std::size_t front() const { return pool_watch::space_before(alignment_); }
  std::size_t slot(std::size_t bytes) const {
    return front() + bytes + pool_watch::space_after();
  }
  watched_block get(std::size_t bytes, site where, block_content content) {
    if (bytes == 0) return {};
    if (bytes > std::numeric_limits<std::ptrdiff_t>::max() - 2 * front()) {
      throw std::bad_array_new_length();
    }
    auto* memory = static_cast<std::byte*>(
        allocate_from(*upstream_, slot(bytes), alignment_, where));
    watch_.add_backing(memory, slot(bytes));
    watch_.allocated(memory + front(), bytes, alignment_, where, content);
    return {memory + front()};
  }
  void free(site where) {
    if (data_ == nullptr) return;
    watch_.released(data_, where);
    watch_.remove_backing(data_ - front());
    deallocate_to(*upstream_, data_ - front(), slot(size_), alignment_, where);
    data_ = nullptr;
    size_ = 0;
  }

  [[no_unique_address]] pool_watch watch_;
  std::pmr::memory_resource* upstream_;
  std::size_t alignment_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail
MEMOIR_END

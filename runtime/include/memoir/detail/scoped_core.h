#pragma once

// What a scoped_allocator keeps as long as buffers refer to it: the books of its blocks,
// whose memory goes with dispose().

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <stdexcept>
#include <string_view>

#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/chunk_arena.h"
#include "memoir/detail/thread_owner.h"

MEMOIR_BEGIN
namespace detail {

// Each block in a buffer's hands holds a reference. Thread safety: one thread at a time;
// references from any.
class scoped_core final : public block_owner {
 public:
  scoped_core(std::size_t capacity, std::pmr::memory_resource* upstream, site where)
      : engine_{"scoped_allocator", {.capacity = capacity}, upstream, where} {}

  arena_block allocate(std::size_t bytes, std::size_t alignment, zero content,
                       site where) {
    if (disposed_) [[unlikely]]
      refuse(where);
    owner_.used("scoped_allocator", this, where);
    const arena_block block = engine_.allocate(bytes, alignment, where);
    if (content == zero::yes) std::memset(block.data, 0, bytes);
    bytes_ += bytes;
    return block;
  }

  // The end of a buffer: its block stays until dispose().
  void take_back(void*, std::size_t, block_number, site) noexcept override { release(); }
  // Its buffer's reference: none other will come.
  void let_go(void*, block_number, bool, site) noexcept override { release(); }
  const pool_watch& watch() const noexcept override { return engine_.watch(); }

  // False: it was done before.
  bool dispose(site where) {
    if (disposed_) return false;
    owner_.used("scoped_allocator", this, where);
    disposed_ = true;
    freed_ = bytes_;
    engine_.free_all(where);
    return true;
  }
  bool is_disposed() const noexcept { return disposed_; }
  std::uint64_t live_bytes() const noexcept { return bytes_ - freed_; }
  std::uint64_t allocated_bytes() const noexcept { return bytes_; }
  chunk_arena& engine() { return engine_; }
  thread_owner& owner() { return owner_; }

  [[noreturn]] void refuse_free(const void* block, site where) const {
    engine_.watch().report(finding::unsupported_free, where,
                           "its blocks go all at once, with dispose()", block);
    throw std::logic_error("scoped_allocator: blocks are not freed one by one");
  }

 private:
  ~scoped_core() override = default;

  [[noreturn]] void refuse(site where) const {
    engine_.watch().report(finding::use_after_dispose, where, "it was disposed of");
    throw std::logic_error("scoped_allocator: it was disposed of");
  }

  chunk_arena engine_;
  std::uint64_t bytes_ = 0;
  std::uint64_t freed_ = 0;
  bool disposed_ = false;
  [[no_unique_address]] thread_owner owner_;
};

}  // namespace detail
MEMOIR_END

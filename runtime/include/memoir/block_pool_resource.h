#pragma once

// A block_pool behind std::pmr containers whose nodes are of one size: lists, maps, sets.
//
//   block_pool_resource nodes(64, 1000);              // 1000 blocks of 64 bytes
//   std::pmr::map<int, int> map{&nodes};
//
// Every request gets one block.
//
// Complexity: O(1), as block_pool.
// Thread safety: any thread, but for the making and the ending.
// Errors: std::bad_alloc where all blocks are out, and for what is larger than a block or
// needs more alignment; the constructor throws what that of block_pool does.
// Findings: bad_size, size_overflow (the constructor), pool_exhausted, capacity_exceeded,
// double_return, foreign_return, invalid_free, alloc_dealloc_mismatch (deallocate()),
// use_after_return, pool_overflow, dirty_reuse (block_reuse::report_dirty),
// pool_destroyed_with_live_blocks
// Design: Memoir's own: pt::memory::MemPool of PipelineTools as a
// std::pmr::memory_resource.

#include <cstddef>
#include <new>

#include "memoir/block_pool.h"
#include "memoir/resource.h"

MEMOIR_BEGIN

class block_pool_resource final : public resource {
 public:
  using pool_type = block_pool<std::byte>;

  // Throws what block_pool throws.
  block_pool_resource(std::size_t block_bytes, std::size_t blocks,
                      const block_pool_options& options = {},
                      site where = site::current())
      : pool_{block_bytes, blocks, options, where} {}

  pool_type& pool() noexcept { return pool_; }
  const pool_type& pool() const noexcept { return pool_; }

 protected:
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    if (bytes > pool_.block_bytes() || alignment > pool_type::alignment) {
      watch().report(finding::capacity_exceeded, where,
                     "it is larger than a block, or needs more alignment", nullptr,
                     bytes);
      throw std::bad_alloc();
    }
    auto block = pool_.try_acquire(where);
    if (!block.has_value()) {
      watch().report(finding::pool_exhausted, where, message_of(errc::pool_exhausted),
                     nullptr, bytes);
      throw std::bad_alloc();
    }
    std::byte* const memory = block->release(where).detach(where);
    // The rest of it is redzone.
    watch().resized(memory, bytes, pool_.room_behind(bytes), where);
    return memory;
  }

  // What is none of its blocks is reported, and left alone.
  void deallocate_at(void* memory, std::size_t bytes, std::size_t, site where) override {
    watch().check_size(memory, bytes, where);
    pool_.give_back(static_cast<std::byte*>(memory), bytes, where);
  }

 private:
  detail::pool_watch& watch() const noexcept { return pool_.books(); }

  pool_type pool_;
};

MEMOIR_END

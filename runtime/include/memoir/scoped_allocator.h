#pragma once

// Blocks for the length of a scope: all go at once, in one dispose(), and none before.
//
//   memoir::scoped_allocator scope;
//   auto numbers = scope.allocate<int>(100);
//   ...                                        // no free anywhere
//
// The end of a buffer gives nothing back. One that outlives the scope is safe to end, and
// its use is found where tracking is on. Memory comes in chunks from upstream, and goes
// back newest first.
//
// Complexity: O(1): an addition and a comparison for raw blocks where tracking is off; a
// buffer costs a reference more. dispose() O(chunks).
// Thread safety: one thread at a time; handing over is said with hand_over(). Buffers may
// end on any thread.
// Errors: as allocator.h says; std::logic_error from free(), and after dispose().
// Findings: bad_size, size_overflow (allocate()), unsupported_free, use_after_dispose,
// use_after_reset, double_free, invalid_free, foreign_return, alloc_dealloc_mismatch
// (deallocate()), pool_overflow, unsynchronized_use
// Design: ZiggyAlloc's ScopedMemoryAllocator.

#include <memory_resource>
#include <string_view>

#include "memoir/allocator.h"
#include "memoir/detail/scoped_core.h"

MEMOIR_BEGIN

class scoped_allocator final : public allocator {
 public:
  // Chunks are got when they are needed. `upstream` lives as long as the allocator.
  explicit scoped_allocator(
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : scoped_allocator{0, upstream, where} {}
  // With so many bytes at once.
  explicit scoped_allocator(
      std::size_t capacity,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : core_{*new detail::scoped_core(capacity, upstream, where)} {}
  ~scoped_allocator() override {
    core_.owner().hand_over();  // whoever ends the scope
    core_.dispose(site::of_thread());
    core_.release();
  }

  using allocator::allocate;
  // As that of resource, without a virtual call.
  [[nodiscard]] void* allocate(std::size_t bytes,
                               std::size_t alignment = kDefaultAlignment,
                               site where = site::current()) {
    return allocate_at(bytes, alignment, where);
  }

  // Throws std::logic_error, also for null.
  [[noreturn]] void free(void* block, site where = site::current()) {
    core_.refuse_free(block, where);
  }
  bool supports_individual_free() const noexcept override { return false; }

  // Gives all memory back now. Once more: nothing.
  void dispose(site where = site::current()) {
    if (!is_disposed()) {
      core_.engine().watch().tell(detail::pool_event::dispose, where, nullptr,
                                  core_.live_bytes());
    }
    core_.dispose(where);
  }
  bool is_disposed() const noexcept { return core_.is_disposed(); }

  std::uint64_t total_allocated_bytes() const noexcept override {
    return core_.live_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return core_.allocated_bytes();
  }

  // What reports call it.
  void set_name(std::string_view name) { core_.engine().watch().set_name(name); }
  // The next thread that uses it owns it.
  void hand_over(site where = site::current()) {
    core_.owner().hand_over();
    core_.engine().watch().tell(detail::pool_event::hand_over, where, nullptr, 0, 0,
                                "by its owner");
  }
  // Reports damage around blocks. How many findings.
  std::size_t verify(site where = site::current()) {
    return core_.engine().watch().verify(where);
  }

  [[nodiscard]] detail::detached_block hand_out(const block_request& request,
                                                site where) override {
    const detail::arena_block block =
        core_.allocate(request.bytes, request.alignment, request.content, where);
    core_.retain();
    return {block.data, request.bytes, &core_, block.number};
  }
  detail::block_owner& core() const noexcept override { return core_; }

 private:
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    if (bytes > kMostBytes) [[unlikely]] {
      report(finding::size_overflow, where, "more bytes than there can be", bytes);
      throw std::bad_alloc();
    }
    return core_.allocate(bytes, alignment, zero::no, where).data;
  }
  // Containers do so all the time. Where tracking is on, uses from here on are found.
  void deallocate_at(void* memory, std::size_t bytes, std::size_t, site where) override {
    if (memory != nullptr && !core_.is_disposed()) {
      core_.engine().watch().check_size(memory, bytes, where);
      core_.engine().watch().released(memory, where);
    }
  }
  void take_back(void* block, site where) override { core_.refuse_free(block, where); }

  detail::scoped_core& core_;
};

MEMOIR_END

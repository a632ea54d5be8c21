#pragma once

// Keeps what is given back, and hands it out again to the next who asks for that size:
// for short-lived blocks of a few sizes. Continues ZiggyAlloc's UnmanagedMemoryPool.
//
//   memory_pool pool{base};
//   for (...) { auto work = pool.allocate<std::byte>(1024); ... }   // one block in all
//
// Sizes are rounded up to a size class, also where a block is made, so that no block is
// ever handed out for more than it holds. Each thread keeps some idle blocks for itself
// (up to 256 KiB of a class, and 64 blocks); what is beyond lies in common lists, and
// beyond max_idle_bytes goes back to `base`. Requests aligned to more than 16 are passed
// on to `base`, and given back there.
//
// Findings: double_return, invalid_free and foreign_return (free() of what is no block of
// the pool's; std::invalid_argument), use_after_return, pool_overflow, over_retention,
// pool_destroyed_with_live_blocks: blocks may come back after the pool, and go to `base`.
//
// Complexity: constant; a few nanoseconds where the thread has an idle block, without a
// lock. clear() and stats(): all threads are waited for. Thread safety: any thread.
// Errors: as allocator.h says; what `base` throws.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "memoir/allocator.h"
#include "memoir/detail/pooled_core.h"
#include "memoir/pool_stats.h"

MEMOIR_BEGIN

struct memory_pool_options {
  // Idle blocks of one size class, and bytes of all, beyond which blocks go back to the
  // base. What threads keep for themselves is not counted.
  std::size_t max_idle = std::numeric_limits<std::size_t>::max();
  std::size_t max_idle_bytes = std::size_t{256} << 20;
};

class memory_pool final : public allocator {
 public:
  explicit memory_pool(allocator& base, const memory_pool_options& options = {},
                       site where = site::current())
      : base_{base},
        core_{*new detail::pooled_core("memory_pool", recycler_options(options),
                                       std::make_unique<detail::allocator_source>(base),
                                       where, &base.core().watch())} {}
  ~memory_pool() override { core_.close(); }

  using allocator::allocate;
  // As those of allocator, but without a virtual call where the thread has a block.
  template <unmanaged T, std::integral Count>
  [[nodiscard]] buffer<T> allocate(Count count, zero content = zero::no,
                                   site where = site::current()) {
    if constexpr (!is_tracking && alignof(T) <= kDefaultAlignment) {
      const std::size_t bytes = bytes_for<T>(count, where);
      if (void* block = bytes != 0 ? core_.pop(bytes) : nullptr) [[likely]] {
        if (content == zero::yes) std::memset(block, 0, bytes);
        return buffer<T>{detail::detached_block{block, bytes, &core_, {}}};
      }
    }
    return allocator::allocate<T>(count, content, where);
  }
  [[nodiscard]] void* allocate(std::size_t bytes,
                               std::size_t alignment = kDefaultAlignment,
                               site where = site::current()) {
    if constexpr (!is_tracking) {
      if (alignment <= kDefaultAlignment && bytes != 0) {
        if (void* block = core_.pop(bytes)) [[likely]]
          return block;
      }
    }
    return allocate_at(bytes, alignment, where);
  }
  void deallocate(void* memory, std::size_t bytes,
                  std::size_t alignment = kDefaultAlignment,
                  site where = site::current()) {
    if constexpr (!is_tracking) {
      if (alignment <= kDefaultAlignment && memory != nullptr &&
          core_.push(memory, bytes)) [[likely]] {
        return;
      }
    }
    deallocate_at(memory, bytes, alignment, where);
  }

  // What reports call it.
  void set_name(std::string_view name) { core_.name(name); }

  std::uint64_t total_allocated_bytes() const noexcept override {
    return core_.live_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return core_.allocated_bytes();
  }
  pool_stats stats() const { return core_.stats(); }

  // Gives all idle blocks back to the base; or until so many bytes are idle. How many
  // bytes.
  std::size_t clear() { return core_.clear(); }
  std::size_t trim(std::size_t keep_bytes) { return core_.trim(keep_bytes); }
  // Looks at all redzones and idle blocks. How many findings there were.
  std::size_t verify(site where = site::current()) { return core_.verify(where); }

  [[nodiscard]] detail::detached_block hand_out(const block_request& request,
                                                site where) override {
    if (request.alignment > core_.alignment()) return base_.hand_out(request, where);
    return core_.hand_out(request, where);
  }
  detail::block_owner& core() const noexcept override { return core_; }

 private:
  static detail::recycler_options recycler_options(const memory_pool_options& options) {
    detail::recycler_options all;
    all.key = detail::recycler_key::size_class;
    all.max_idle = options.max_idle;
    all.max_idle_bytes = options.max_idle_bytes;
    return all;
  }

  void take_back(void* block, site where) override {
    if (!core_.take_back_if_known(block, where)) {
      throw std::invalid_argument("memory_pool::free: no block of this pool");
    }
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    if (alignment > core_.alignment()) {
      base_.deallocate(memory, bytes, alignment, where);
    } else {
      allocator::deallocate_at(memory, bytes, alignment, where);
    }
  }

  allocator& base_;
  detail::pooled_core& core_;
};

MEMOIR_END

#pragma once

// The face that all allocators on a pooled_core have: memory_pool, slab_allocator and
// large_block_allocator differ in where blocks come from, and in which they take.
// Requests beyond these limits go to another allocator, and are given back there.
//
// Thread safety: any thread.

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
namespace detail {

class pooled_allocator : public allocator {
 public:
  ~pooled_allocator() override { core_.close(); }

  using allocator::allocate;
  // As those of allocator, but without a virtual call where the thread has a block.
  template <unmanaged T, std::integral Count>
  [[nodiscard]] buffer<T> allocate(Count count, zero content = zero::no,
                                   site where = site::current()) {
    if constexpr (!is_tracking && alignof(T) <= kDefaultAlignment) {
      const std::size_t bytes = bytes_for<T>(count, where);
      if (void* block = bytes != 0 ? core_.pop(bytes) : nullptr) [[likely]] {
        if (content == zero::yes) std::memset(block, 0, bytes);
        return buffer<T>{detached_block{block, bytes, &core_, {}}};
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
      if (alignment <= kDefaultAlignment && bytes <= largest_ && memory != nullptr &&
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

  // Gives all idle blocks back to where they came from; or until so many bytes are idle.
  // How many bytes.
  std::size_t clear() { return core_.clear(); }
  std::size_t trim(std::size_t keep_bytes) { return core_.trim(keep_bytes); }
  // Looks at all redzones and idle blocks. How many findings there were.
  std::size_t verify(site where = site::current()) { return core_.verify(where); }

  // Whether a block of this pool begins here, live or idle. Complexity: a lock and a
  // hash table.
  bool has_block(const void* block) const { return core_.has_block(block); }

  [[nodiscard]] detached_block hand_out(const block_request& request,
                                        site where) override {
    if (request.alignment > core_.alignment() || request.bytes > largest_) [[unlikely]] {
      if (beyond_ == nullptr) throw std::bad_alloc();
      return beyond_->hand_out(request, where);
    }
    return core_.hand_out(request, where);
  }
  block_owner& core() const noexcept override { return core_; }
  // The same, for allocators that this is a part of.
  pooled_core& pool() const noexcept { return core_; }

 protected:
  // `beyond`: who gets what is larger or aligned to more; null: std::bad_alloc is thrown.
  pooled_allocator(pooled_core& core, allocator* beyond,
                   std::size_t largest = std::numeric_limits<std::size_t>::max())
      : core_{core}, beyond_{beyond}, largest_{largest} {}

 private:
  void take_back(void* block, site where) override {
    if (!core_.take_back_if_known(block, where)) {
      throw std::invalid_argument("free: no block of this pool");
    }
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    if (beyond_ != nullptr && (alignment > core_.alignment() || bytes > largest_)) {
      beyond_->deallocate(memory, bytes, alignment, where);
    } else {
      allocator::deallocate_at(memory, bytes, alignment, where);
    }
  }

  pooled_core& core_;
  allocator* const beyond_;
  const std::size_t largest_;
};

}  // namespace detail
MEMOIR_END

#pragma once

// Where a pool's recycler gets its blocks: from the memory below, with room for a header
// in front of each, and remembering their addresses, so that a block can be taken back by
// its address alone, and no other.
//
//   memory below | header | redzone (tracking) | block ... | redzone (tracking) |
//                         ^ what the recycler gets
//
// Thread safety: any.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "memoir/allocator.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/resource.h"

MEMOIR_BEGIN
namespace detail {

// What a pool keeps of a block. Only read where the block is known to be the pool's.
struct pool_header {
  std::size_t bytes;       // as it was asked for
  std::uint32_t capacity;  // in units of 16
  std::uint32_t index;     // of its size class

  static constexpr std::size_t space(std::size_t alignment) {
    return alignment > sizeof(pool_header) ? alignment : sizeof(pool_header);
  }
};
static_assert(sizeof(pool_header) == 16);

// An allocator as a resource that goes on taking blocks back after the allocator's end.
// What the allocator had from another one goes back to that.
class allocator_source final : public std::pmr::memory_resource {
 public:
  explicit allocator_source(allocator& base)
      : base_{base}, core_{owner_ref<>::share(&base.core())} {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const detached_block made = base_.hand_out({bytes, alignment}, site::of_thread());
    if (made.owner != core_.get()) {
      try {
        const std::lock_guard lock{mutex_};
        strays_.emplace(made.block, owner_ref<>::share(made.owner));
      } catch (...) {
        made.owner->take_back(made.block, made.bytes, made.number, site::of_thread());
        throw;
      }
    }
    return made.block;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
    owner_ref<> owner = core_;
    {
      const std::lock_guard lock{mutex_};
      if (const auto found = strays_.find(memory); found != strays_.end()) {
        owner = std::move(found->second);
        strays_.erase(found);
      }
    }
    owner->take_back(memory, bytes, block_number{}, site::of_thread());
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  allocator& base_;  // while the pool itself lives
  owner_ref<> core_;
  std::mutex mutex_;
  std::unordered_map<const void*, owner_ref<>> strays_;
};

class pool_source final : public std::pmr::memory_resource {
 public:
  explicit pool_source(std::unique_ptr<std::pmr::memory_resource> below)
      : below_{std::move(below)} {}

  bool has_block(const void* block) const {
    const std::shared_lock lock{mutex_};
    return blocks_.contains(block);
  }
  static pool_header& header_of(void* block, std::size_t alignment) {
    return *std::launder(reinterpret_cast<pool_header*>(
        static_cast<std::byte*>(block) - pool_watch::space_before(alignment) -
        sizeof(pool_header)));
  }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const std::size_t space = pool_header::space(alignment);
    if (bytes + space < bytes) throw std::bad_alloc();
    auto* memory = static_cast<std::byte*>(below_->allocate(bytes + space, alignment));
    std::byte* const slot = memory + space;
    try {
      const std::lock_guard lock{mutex_};
      blocks_.insert(slot + pool_watch::space_before(alignment));
    } catch (...) {
      below_->deallocate(memory, bytes + space, alignment);
      throw;
    }
    new (slot - sizeof(pool_header)) pool_header{};
    return slot;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    auto* const slot = static_cast<std::byte*>(memory);
    {
      const std::lock_guard lock{mutex_};
      blocks_.erase(slot + pool_watch::space_before(alignment));
    }
    const std::size_t space = pool_header::space(alignment);
    below_->deallocate(slot - space, bytes + space, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::unique_ptr<std::pmr::memory_resource> below_;
  mutable std::shared_mutex mutex_;
  std::unordered_set<const void*> blocks_;
};

}  // namespace detail
MEMOIR_END

#pragma once

// What a hybrid_allocator keeps as long as blocks are out: its tiers, and which block of
// the allocator below is its own. Which tier a block is of stands in tables beside the
// blocks; nothing is ever read from memory in front of an address that somebody frees.
// Thread safety: any.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "memoir/allocator.h"
#include "memoir/detail/pooled_allocator.h"
#include "memoir/hybrid_thresholds.h"

MEMOIR_BEGIN
namespace detail {

class hybrid_core final : public block_owner {
 public:
  hybrid_core(allocator& backing, site where)
      : watch_{"hybrid_allocator", watch_style::allocator, where,
               &backing.core().watch()} {}

  const pool_watch& watch() const noexcept override { return watch_; }

  // The tiers that have cores of their own; before anything is handed out.
  void set_tiers(pooled_allocator& slab, pooled_allocator& large) {
    slab_ = owner_ref<pooled_core>::share(&slab.pool());
    large_ = owner_ref<pooled_core>::share(&large.pool());
  }

  // The face ends. What is out is reported, but for what tiers report themselves.
  void close(site where) {
    watch_.report_live(finding::pool_destroyed_with_live_blocks, where);
  }

  // A block of the allocator below, from here on one of this one's.
  [[nodiscard]] detached_block adopt(const detached_block& block,
                                     const block_request& request, site where) {
    shard& part = shard_of(block.block);
    try {
      const std::lock_guard lock{part.mutex};
      part.blocks.emplace(
          block.block, kept{block.bytes, block.number, owner_ref<>::share(block.owner)});
    } catch (...) {
      block.owner->take_back(block.block, block.bytes, block.number, where);
      throw;
    }
    bytes_out_.fetch_add(block.bytes, std::memory_order_relaxed);
    retain();
    // The redzones are those of the allocator below.
    const block_number number =
        watch_.allocated(block.block, block.bytes, 0, 0, request.alignment, where,
                         request.content == zero::yes ? block_content::kept
                                                      : block_content::uninitialized);
    return {block.block, block.bytes, this, number};
  }

  void take_back(void* block, std::size_t bytes, block_number number,
                 site where) noexcept override {
    if constexpr (is_tracking) {
      for (const auto& tier : {slab_.get(), large_.get()}) {
        if (bytes != 0 && tier->has_block(block)) {
          tier->watch().check_size(block, bytes, where);
        }
      }
    }
    take_back_if_known(block, number, where);
  }
  // False: it is no live block of any tier, which is reported, and nothing is done.
  bool take_back_if_known(void* block, block_number number, site where) noexcept {
    if (slab_->has_block(block)) {
      slab_->take_back(block, slab_->size_of(block), number, where);
      return true;
    }
    if (large_->has_block(block)) {
      large_->take_back(block, large_->size_of(block), number, where);
      return true;
    }
    if (!watch_.released(block, number, where)) return false;
    shard& part = shard_of(block);
    kept one;
    {
      const std::lock_guard lock{part.mutex};
      const auto found = part.blocks.find(block);
      if (found == part.blocks.end()) return false;
      one = std::move(found->second);
      part.blocks.erase(found);
    }
    bytes_back_.fetch_add(one.bytes, std::memory_order_relaxed);
    one.owner->take_back(block, one.bytes, one.number, where);
    release();
    return true;
  }

  std::uint64_t live_bytes() const noexcept {
    return bytes_out_.load(std::memory_order_relaxed) -
           bytes_back_.load(std::memory_order_relaxed);
  }
  std::uint64_t allocated_bytes() const noexcept {
    return bytes_out_.load(std::memory_order_relaxed);
  }

 private:
  struct kept {
    std::size_t bytes = 0;
    [[no_unique_address]] block_number number;
    owner_ref<> owner;
  };
  struct alignas(64) shard {
    std::mutex mutex;
    std::unordered_map<const void*, kept> blocks;
  };

  ~hybrid_core() override = default;

  shard& shard_of(const void* block) {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    return shards_[(address >> 4 ^ address >> 12) % shards_.size()];
  }

  pool_watch watch_;
  owner_ref<pooled_core> slab_;
  owner_ref<pooled_core> large_;
  std::array<shard, 16> shards_;
  std::atomic<std::uint64_t> bytes_out_{0};
  std::atomic<std::uint64_t> bytes_back_{0};
};

}  // namespace detail
MEMOIR_END

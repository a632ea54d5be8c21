#pragma once

// Chooses where a block lies by what it is for: a slot in a chunk, the allocator below,
// or pages that are kept.
//
//   hybrid_allocator memory{Z::default_allocator()};
//   auto few = memory.allocate<double>(100);    // slab: at most 128 doubles are small
//   auto many = memory.allocate<double>(1000);  // system
//   memory.decide<double>(1000).rule            // why
//
// The limits are those of a published table (hybrid_thresholds::seed_defaults()), or
// measured on the machine by calibrate(). What the table promises and what measuring
// shows are different things: see docs and bench/alloc_ziggy.cpp. free() takes blocks of
// all tiers.
//
// Complexity: that of the tier; a lock and a hash table for blocks of the system tier.
// Thread safety: any thread, but for the making and the ending.
// Errors: as allocator.h says; std::invalid_argument from free() for what is no block of
// any tier.
// Findings: bad_size, size_overflow (allocate()), double_free, use_after_free (system
// tier), double_return, use_after_return, over_retention (slab and large), invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size), stale_handle
// (a buffer whose block was freed by its address and handed out again), pool_overflow,
// pool_destroyed_with_live_blocks
// Design: ZiggyAlloc's HybridAllocator, whose small tier was the garbage collector's
// heap, and which tells tiers apart by the bytes in front of a block.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "memoir/buffer/small_buffer.h"
#include "memoir/detail/hybrid_core.h"
#include "memoir/detail/striped_counter.h"
#include "memoir/hybrid_thresholds.h"
#include "memoir/large_block_allocator.h"
#include "memoir/slab_allocator.h"

MEMOIR_BEGIN

class hybrid_allocator final : public allocator {
 public:
  // `backing` lives as long as the allocator; blocks may come back later.
  explicit hybrid_allocator(
      allocator& backing,
      const hybrid_thresholds& limits = hybrid_thresholds::seed_defaults(),
      site where = site::current())
      : limits_{limits},
        backing_{backing},
        slab_{backing, where},
        large_{{}, where},
        core_{new detail::hybrid_core(backing, where)} {
    slab_.set_name("hybrid: slab");
    large_.set_name("hybrid: large");
    core_->set_tiers(slab_, large_);
  }
  ~hybrid_allocator() override { core_->close(site::of_thread()); }

  const hybrid_thresholds& thresholds() const noexcept { return limits_; }

  // Where so many elements would lie, and why.
  template <unmanaged T>
  hybrid_decision decide(std::size_t count) const {
    return memoir::decide(limits_, request_for<T>(count, zero::no));
  }

  // Of up to 64 bytes (hybrid_thresholds::inline_bytes), the elements lie within what is
  // returned, and nothing is allocated.
  template <unmanaged T>
  [[nodiscard]] small_buffer<T> allocate_small(std::size_t count, zero content = zero::no,
                                               site where = site::current()) {
    if (small_buffer<T>::fits(count) && count * sizeof(T) <= limits_.inline_bytes) {
      count_tier(hybrid_tier::inlined);
      tell({element_kind_of<T>(), count, count * sizeof(T), hybrid_tier::inlined,
            "bytes, within the handle", limits_.inline_bytes},
           where);
      return small_buffer<T>{count, content};
    }
    return small_buffer<T>{allocate<T>(count, content, where)};
  }

  // How many blocks each tier was chosen for.
  std::uint64_t chosen(hybrid_tier tier) const noexcept {
    return chosen_[static_cast<std::size_t>(tier)].sum();
  }

  // Is told each decision, on the thread that allocates; null for none. Before anything
  // is allocated.
  using observer = void (*)(const hybrid_decision& made, void* context);
  void observe(observer function, void* context) noexcept {
    observer_ = function;
    context_ = context;
  }

  std::uint64_t total_allocated_bytes() const noexcept override {
    return slab_.total_allocated_bytes() + large_.total_allocated_bytes() +
           core_->live_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return slab_.cumulative_allocated_bytes() + large_.cumulative_allocated_bytes() +
           core_->allocated_bytes();
  }
  // Idle memory of the tiers goes back. How many bytes.
  std::size_t clear() { return slab_.clear() + large_.clear(); }
  const slab_allocator& slab() const noexcept { return slab_; }
  const large_block_allocator& large() const noexcept { return large_; }

  [[nodiscard]] detail::detached_block hand_out(const block_request& request,
                                                site where) override {
    const hybrid_decision made = memoir::decide(limits_, request);
    if (observer_ != nullptr) observer_(made, context_);
    count_tier(made.tier);
    tell(made, where);
    switch (made.tier) {
      case hybrid_tier::slab:
        return slab_.hand_out(request, where);
      case hybrid_tier::large:
        if (request.alignment <= detail::page_source::kPage) {
          return large_.hand_out(request, where);
        }
        break;
      default:
        break;
    }
    return core_->adopt(backing_.hand_out(request, where), request, where);
  }
  detail::block_owner& core() const noexcept override { return *core_; }

 private:
  template <class T>
  static constexpr block_request request_for(std::size_t count, zero content) {
    return {count * sizeof(T),
            alignof(T) > kDefaultAlignment ? alignof(T) : kDefaultAlignment, content,
            element_kind_of<T>(), sizeof(T)};
  }

  void take_back(void* block, site where) override {
    if (core_->take_back_if_known(block, detail::block_number{}, where)) return;
    throw std::invalid_argument("hybrid_allocator::free: no block of its own");
  }

  // The decision, but for the request's own size, in words.
  void tell(const hybrid_decision& made, site where) const {
    if constexpr (is_tracking) {
      if (core_->watch().id() == 0) return;
      char text[128];
      std::snprintf(text, sizeof text, "%s: %s %s (%zu)", name_of(made.tier),
                    name_of(made.kind), made.rule, made.threshold);
      core_->watch().tell(detail::pool_event::decide, where, nullptr, made.bytes,
                          made.threshold, text);
    }
  }

  void count_tier(hybrid_tier tier) noexcept {
    chosen_[static_cast<std::size_t>(tier)].add(1);
  }

  const hybrid_thresholds limits_;
  allocator& backing_;
  slab_allocator slab_;
  large_block_allocator large_;
  detail::owner_ref<detail::hybrid_core> core_;
  std::array<detail::striped_counter, 4> chosen_;
  observer observer_ = nullptr;
  void* context_ = nullptr;
};

MEMOIR_END

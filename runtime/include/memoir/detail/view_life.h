#pragma once

// What a view keeps of the block that it shows, so that a use after the block's end is
// told, also when its arena is gone. Where tracking is off: nothing.
//
//   view_life --> view_source::state <-- view_source, in the arena
//
// Most uses cost one comparison: the state counts the ends of blocks (epoch), and a view
// that was good in this epoch still is.
//
// Thread safety: views as values; an arena may not end while others look at its views.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_owner.h"

MEMOIR_BEGIN
namespace detail {

template <bool Tracking>
class basic_view_source;

// What the views of one arena share with it.
struct view_state {
  const char* kind;
  const pool_watch* watch;  // null: the arena has ended
  std::atomic<std::uint64_t> epoch{1};

  // Pointers into blocks that nothing checks any more.
  struct detached_pointer {
    const void* block;
    std::uint64_t id;
    site where;
  };
  std::mutex mutex;
  std::vector<detached_pointer> detached;
  std::uint64_t next_id = 1;
};

template <bool Tracking>
class basic_view_life {
 public:
  basic_view_life() = default;
  basic_view_life(const basic_view_life& other)
      : state_{other.state_},
        block_{other.block_},
        number_{other.number_},
        good_in_{other.good_in_.load(std::memory_order_relaxed)} {}
  basic_view_life& operator=(const basic_view_life& other) {
    state_ = other.state_;
    block_ = other.block_;
    number_ = other.number_;
    good_in_.store(other.good_in_.load(std::memory_order_relaxed),
                   std::memory_order_relaxed);
    return *this;
  }

  // Whether the block is still there; reports when it is not.
  bool check(site where) const {
    if (state_ == nullptr) return true;
    const std::uint64_t epoch = state_->epoch.load(std::memory_order_acquire);
    if (good_in_.load(std::memory_order_relaxed) == epoch) return true;
    if (state_->watch == nullptr) {
      report(finding::use_after_reset, state_->kind, where, "the arena has ended",
             block_);
      return false;
    }
    if (!state_->watch->check(block_, number_, where)) return false;
    good_in_.store(epoch, std::memory_order_relaxed);
    return true;
  }
  block_number number() const { return number_; }

 private:
  friend class basic_view_source<Tracking>;

  std::shared_ptr<view_state> state_;
  const void* block_ = nullptr;
  [[no_unique_address]] block_number number_{};
  mutable std::atomic<std::uint64_t> good_in_{0};
};

template <>
class basic_view_life<false> {
 public:
  constexpr bool check(site) const { return true; }
  constexpr block_number number() const { return {}; }
};

template <bool Tracking>
class basic_view_source {
 public:
  basic_view_source(const char* kind, const pool_watch& watch)
      : state_{std::make_shared<view_state>()} {
    state_->kind = kind;
    state_->watch = &watch;
  }
  ~basic_view_source() { end(); }
  basic_view_source(const basic_view_source&) = delete;
  basic_view_source& operator=(const basic_view_source&) = delete;

  basic_view_life<Tracking> life_of(const void* block, block_number number) const {
    basic_view_life<Tracking> life;
    life.state_ = state_;
    life.block_ = block;
    life.number_ = number;
    life.good_in_ = state_->epoch.load(std::memory_order_relaxed);
    return life;
  }

  // A block has ended, or all of them.
  void block_ended() { state_->epoch.fetch_add(1, std::memory_order_release); }
  // The arena ends.
  void end() {
    state_->watch = nullptr;
    block_ended();
  }

  // A pointer that is checked no more; its number. Until attach(), or the block's end.
  static std::uint64_t detach(const basic_view_life<Tracking>& life, site where) {
    if (life.state_ == nullptr) return 0;
    const std::lock_guard lock{life.state_->mutex};
    const std::uint64_t id = life.state_->next_id++;
    life.state_->detached.push_back({life.block_, id, where});
    return id;
  }
  static void attach(const basic_view_life<Tracking>& life, std::uint64_t id) {
    if (life.state_ == nullptr) return;
    const std::lock_guard lock{life.state_->mutex};
    std::erase_if(life.state_->detached, [&](const auto& one) { return one.id == id; });
  }
  // The last one of this block.
  void attach_block(const void* block) {
    const std::lock_guard lock{state_->mutex};
    for (std::size_t i = state_->detached.size(); i-- > 0;) {
      if (state_->detached[i].block != block) continue;
      state_->detached.erase(state_->detached.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }

  // The memory of this block, or of all (null), is about to go: reports detached pointers
  // into it.
  void report_detached(const void* block, site where) {
    std::vector<view_state::detached_pointer> gone;
    {
      const std::lock_guard lock{state_->mutex};
      std::erase_if(state_->detached, [&](const auto& one) {
        if (block != nullptr && one.block != block) return false;
        gone.push_back(one);
        return true;
      });
    }
    for (const auto& one : gone) {
      const records::source_place place = one.where;
      char text[160];
      std::snprintf(text, sizeof text, "detached at %.100s:%u, and still in use",
                    place.file, place.line);
      state_->watch->report(finding::stale_handle, where, text, one.block);
    }
  }

 private:
  std::shared_ptr<view_state> state_;
};

template <>
class basic_view_source<false> {
 public:
  constexpr basic_view_source(const char*, const pool_watch&) {}
  constexpr basic_view_life<false> life_of(const void*, block_number) const { return {}; }
  constexpr void block_ended() {}
  constexpr void end() {}
  static constexpr std::uint64_t detach(const basic_view_life<false>&, site) { return 0; }
  static constexpr void attach(const basic_view_life<false>&, std::uint64_t) {}
  constexpr void attach_block(const void*) {}
  constexpr void report_detached(const void*, site) {}
};

using view_life = basic_view_life<is_tracking>;
using view_source = basic_view_source<is_tracking>;

}  // namespace detail
MEMOIR_END

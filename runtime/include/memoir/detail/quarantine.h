#pragma once

// Blocks of malloc() that were taken back wait here until others have come after them:
// what is written into them meanwhile is found, when they leave. Where tracking is off,
// they go at once. Thread safety: any.

#include <cstddef>
#include <cstdlib>

#include "memoir/detail/pool_watch.h"

#if MEMOIR_TRACKING
#include <array>
#include <mutex>
#endif

MEMOIR_BEGIN
namespace detail {

struct quarantined_block {
  void* block = nullptr;
  std::size_t bytes = 0;
  void* memory = nullptr;  // for free()
};

class quarantine {
 public:
#if MEMOIR_TRACKING
  static constexpr std::size_t kMostBlocks = 256;
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  void put(const quarantined_block& block, pool_watch& watch, site where) {
    const std::lock_guard lock{mutex_};
    while (count_ == kMostBlocks || (count_ != 0 && bytes_ + block.bytes > kMostBytes)) {
      let_go(watch, where);
    }
    blocks_[(first_ + count_++) % kMostBlocks] = block;
    bytes_ += block.bytes;
  }
  void clear(pool_watch& watch, site where) {
    const std::lock_guard lock{mutex_};
    while (count_ != 0) let_go(watch, where);
  }
  // How many of them were written to.
  std::size_t check(pool_watch& watch, site where) {
    const std::lock_guard lock{mutex_};
    std::size_t written = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const quarantined_block& one = blocks_[(first_ + i) % kMostBlocks];
      written += !watch.check_idle(one.block, one.bytes, where);
    }
    return written;
  }

 private:
  void let_go(pool_watch& watch, site where) {
    const quarantined_block block = blocks_[first_];
    first_ = (first_ + 1) % kMostBlocks;
    --count_;
    bytes_ -= block.bytes;
    watch.check_idle(block.block, block.bytes, where);
    std::free(block.memory);
  }

  std::recursive_mutex mutex_;  // a listener of findings may allocate
  std::array<quarantined_block, kMostBlocks> blocks_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
#else
  void put(const quarantined_block& block, pool_watch&, site) { std::free(block.memory); }
  void clear(pool_watch&, site) {}
  std::size_t check(pool_watch&, site) { return 0; }
#endif
};

}  // namespace detail
MEMOIR_END

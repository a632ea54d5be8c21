#pragma once

// Counts what is allocated and freed, from any thread: the most at once, too. The four
// numbers of a snapshot are each right, but not of one moment where others count
// meanwhile.
//
// Complexity: O(1), no locks.
// Thread safety: any thread.
// Errors: none; the total never falls below zero.
// Findings: stats_underflow (more is freed than was allocated)
// Design: BufferStats of the FASTQ parser's `buffer` module (Rust), whose total wraps
// around then.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/pool_stats.h"
#include "memoir/site.h"

namespace memoir {

// A snapshot.
struct buffer_usage {
  std::uint64_t allocations = 0;
  std::uint64_t deallocations = 0;
  std::uint64_t total_bytes = 0;  // now
  std::uint64_t peak_bytes = 0;
};

// What a pool has from its upstream, in these terms. Pure.
constexpr buffer_usage usage_of(const pool_stats& stats) {
  return {stats.growth_events, stats.freed, stats.bytes_in_use + stats.bytes_idle,
          stats.peak_bytes};
}

}  // namespace memoir

MEMOIR_BEGIN

class buffer_stats {
 public:
  buffer_stats() = default;
  buffer_stats(const buffer_stats&) = delete;
  buffer_stats& operator=(const buffer_stats&) = delete;

  // So many bytes more.
  void record_allocation(std::size_t bytes) noexcept {
    allocations_.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t now = total_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::uint64_t peak = peak_.load(std::memory_order_relaxed);
    while (peak < now &&
           !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
  }

  // So many less. More than there are leaves zero; reported as stats_underflow.
  void record_deallocation(std::size_t bytes, site where = site::current()) {
    deallocations_.fetch_add(1, std::memory_order_relaxed);
    std::uint64_t total = total_.load(std::memory_order_relaxed);
    while (!total_.compare_exchange_weak(total, total > bytes ? total - bytes : 0,
                                         std::memory_order_relaxed)) {
    }
    if (total < bytes) {
      detail::report(finding::stats_underflow, "buffer_stats", where,
                     "more bytes are said to be freed than were allocated", this,
                     bytes - static_cast<std::size_t>(total));
    }
  }

  buffer_usage snapshot() const noexcept {
    return {allocations_.load(std::memory_order_relaxed),
            deallocations_.load(std::memory_order_relaxed),
            total_.load(std::memory_order_relaxed),
            peak_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<std::uint64_t> allocations_{0};
  std::atomic<std::uint64_t> deallocations_{0};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<std::uint64_t> peak_{0};
};

MEMOIR_END

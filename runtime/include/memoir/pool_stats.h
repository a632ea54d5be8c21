#pragma once

// What a recycling pool has done and has. Counts are of blocks unless they say bytes; one
// snapshot is consistent in itself:
//
//   total_allocated == buffers_in_use + available_buffers
//   total_acquisitions - total_releases == buffers_in_use
//   total_acquisitions == hits + misses
//
// Bytes are those of whole blocks, without what tracking lays around them.
//
// Thread safety: as a value.
// Design: the statistics of frd-pu's BufferPool (Rust), which are the first six.

#include <cstdint>

namespace memoir {

struct pool_stats {
  std::uint64_t total_allocated = 0;    // blocks there are now
  std::uint64_t buffers_in_use = 0;     // of these: handed out
  std::uint64_t available_buffers = 0;  // and idle
  std::uint64_t peak_allocation = 0;    // the most there ever were
  std::uint64_t total_acquisitions = 0;
  std::uint64_t total_releases = 0;

  std::uint64_t hits = 0;           // acquisitions that reused a block
  std::uint64_t misses = 0;         // and those for which upstream was asked
  std::uint64_t growth_events = 0;  // blocks got from upstream, all in all
  std::uint64_t freed = 0;          // blocks given back to upstream
  std::uint64_t over_cap = 0;       // of these: because enough were idle
  std::uint64_t trimmed = 0;        // and by automatic trim, trim(), shrink(), clear()
  std::uint64_t cross_thread_releases = 0;
  std::uint64_t contended = 0;  // times that a thread found the pool locked
  std::uint64_t wait_ns = 0;    // and what it waited then
  std::uint64_t bytes_in_use = 0;
  std::uint64_t bytes_idle = 0;
  std::uint64_t peak_bytes = 0;  // most of the two together

  // Part of the acquisitions that needed nothing from upstream: 0 to 1.
  double hit_rate() const {
    return total_acquisitions == 0
               ? 0.0
               : static_cast<double>(hits) / static_cast<double>(total_acquisitions);
  }
};

}  // namespace memoir

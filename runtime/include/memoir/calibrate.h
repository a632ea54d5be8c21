#pragma once

// Measures on this machine where each tier of a hybrid_allocator is the fastest, so that
// its limits need not be believed.
//
//   const calibration measured = calibrate(Z::default_allocator());
//   std::cout << measured;                       // the table, in nanoseconds
//   hybrid_allocator memory{Z::default_allocator(), measured.limits};
//
// Complexity: a second or so, on a machine with nothing else to do; 32 MiB at once.
// Thread safety: as that of the allocator which is measured.
// Errors: what that allocator throws.
// Findings: none
// Design: Memoir's own; the limits of ZiggyAlloc's HybridAllocator are said to come from
// measuring, and are constants.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iomanip>
#include <ostream>
#include <vector>

#include "memoir/hybrid_allocator.h"

MEMOIR_BEGIN

struct calibration_options {
  int rounds = 2000;    // pairs of each size and tier; fewer for large ones
  int repetitions = 5;  // of which the median counts
};

// Times of one allocation with its free, a byte in each page written.
struct calibration_row {
  std::size_t bytes = 0;
  double slab_ns = 0;  // 0: larger than any slot
  double system_ns = 0;
  double large_ns = 0;
};

struct calibration {
  hybrid_thresholds limits;
  std::vector<calibration_row> rows;
};

namespace detail {

inline double pair_ns(allocator& memory, std::size_t bytes, int rounds, int repetitions) {
  std::vector<double> times;
  for (int r = 0; r < repetitions; ++r) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
      auto* block = static_cast<volatile char*>(memory.resource::allocate(bytes));
      for (std::size_t at = 0; at < bytes; at += 4096) block[at] = 1;
      memory.resource::deallocate(const_cast<char*>(block), bytes);
    }
    const std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - begin;
    times.push_back(took.count() / rounds);
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

}  // namespace detail

// Small is what slots serve no slower than `backing`, up to the first size that they do
// not; large is what kept pages serve faster from there on up.
inline calibration calibrate(allocator& backing,
                             const calibration_options& options = {}) {
  slab_allocator slab{backing};
  large_block_allocator large;
  calibration measured;
  for (std::size_t bytes = 16; bytes <= std::size_t{32} << 20; bytes *= 2) {
    const int rounds =
        bytes < (1 << 16) ? options.rounds : std::max(1, options.rounds / 100);
    const auto time = [&](allocator& memory) {
      return detail::pair_ns(memory, bytes, rounds, options.repetitions);
    };
    calibration_row row{bytes};
    if (bytes <= slab_allocator::kLargest) row.slab_ns = time(slab);
    row.system_ns = time(backing);
    row.large_ns = time(large);
    measured.rows.push_back(row);
  }
  std::size_t small = 16;
  for (const calibration_row& row : measured.rows) {
    if (row.slab_ns == 0 || row.slab_ns > row.system_ns) break;
    small = row.bytes;
  }
  std::size_t least = std::size_t{64} << 20;
  for (auto row = measured.rows.rbegin(); row != measured.rows.rend(); ++row) {
    if (row->bytes < std::size_t{64} << 10 || row->large_ns > row->system_ns) break;
    least = row->bytes;
  }
  measured.limits.small_bytes = small;
  measured.limits.large_bytes = least;
  return measured;
}

inline std::ostream& operator<<(std::ostream& out, const calibration& measured) {
  const auto flags = out.flags();
  const auto precision = out.precision();
  out << std::fixed << std::setprecision(1) << std::setw(10) << "bytes" << std::setw(14)
      << "slab ns" << std::setw(14) << "system ns" << std::setw(14) << "large ns\n";
  for (const calibration_row& row : measured.rows) {
    out << std::setw(10) << row.bytes << std::setw(14) << row.slab_ns << std::setw(14)
        << row.system_ns << std::setw(13) << row.large_ns << '\n';
  }
  out.flags(flags);
  out.precision(precision);
  return out << "slab up to " << measured.limits.small_bytes << " bytes, large from "
             << measured.limits.large_bytes << "\n";
}

MEMOIR_END

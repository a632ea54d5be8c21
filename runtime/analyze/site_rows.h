#pragma once

// The figures of every site of a trace: a process, a stack and a function that made
// blocks.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// A question about call sites, and the figure that answers it.
enum class SiteOrder {
  kLeaked,     // bytes never freed
  kAtPeak,     // bytes live when the process was at its peak
  kOwnPeak,    // the most bytes live at once; a bound where stacks are merged
  kAllocated,  // bytes allocated, freed ones too
  kCount,      // allocations
  kTemporary,  // allocations that were freed before the thread's next one
};

// "leaked", "peak", "own-peak", "allocated", "count", "temporary"; as --sort knows them.
std::string_view site_order_name(SiteOrder order);
std::optional<SiteOrder> parse_site_order(std::string_view name);
inline constexpr std::array kSiteOrders = {SiteOrder::kLeaked,  SiteOrder::kAtPeak,
                                           SiteOrder::kOwnPeak, SiteOrder::kAllocated,
                                           SiteOrder::kCount,   SiteOrder::kTemporary};

struct SiteFigures {
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0;
  std::uint64_t live_blocks = 0, live_bytes = 0;
  std::uint64_t peak_bytes = 0, at_global_peak = 0, temporary = 0;

  std::uint64_t value(SiteOrder order) const;
  void add(const SiteFigures& other);
};

enum class SiteKind { kHeap, kMapping };

struct SiteEntry {
  TraceStackId stack;
  FrameId place;  // that the stack is attributed to, or none
  ProcessId process;
  std::uint32_t api = 0;  // names a row of `api`
  SiteFigures figures;
};

// All sites of the heap, those of blocks of pools that were never given back among them
// (their figures are live ones only: as allocations the blocks that hold them count), or
// of mappings. Their sums are what `memoir sites` prints.
std::vector<SiteEntry> read_sites(Database& database, SiteKind kind,
                                  std::optional<ProcessId> only = std::nullopt);

}  // namespace memoir

#pragma once

// The call sites of a trace, from one reading of its sites: stacks that are attributed to
// the same function, file, line and module are one call site.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
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

struct CallSite {
  std::string function, file, module;
  std::int64_t line = 0;
  std::string api;  // that made most of its blocks
  SiteFigures figures;
  std::uint64_t stacks = 0;     // that lead here
  TraceStackId heaviest_stack;  // by the order that was asked for
  SiteFigures heaviest;         // of that stack alone
};

enum class SiteKind { kHeap, kMapping };

class CallSites {
 public:
  CallSites(Database& database, SiteKind kind,
            std::optional<ProcessId> only = std::nullopt);

  // The first `count` call sites, largest first; those whose figure is 0 come last, by
  // the bytes they allocated.
  std::vector<CallSite> top(SiteOrder order, std::size_t count) const;

  const SiteFigures& total() const { return total_; }
  std::size_t size() const { return groups_.size(); }

 private:
  struct Site {
    TraceStackId stack;
    int api;
    SiteFigures figures;
  };
  struct Group {
    SiteFigures figures;
    std::vector<Site> sites;
  };

  CallSite describe(const Group& group, SiteOrder order) const;

  Database& database_;
  std::vector<Group> groups_;
  SiteFigures total_;
};

}  // namespace memoir

#pragma once

// All that `memoir report` says, collected once, as text and JSON both say it.
//
// Errors: throws Error (kTrace).

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "analyze/faults.h"
#include "analyze/hotspots.h"
#include "analyze/incidents.h"
#include "analyze/pools.h"
#include "analyze/stacks.h"
#include "analyze/summary.h"

namespace memoir {

struct ReportSection {
  SiteOrder order = SiteOrder::kLeaked;
  std::vector<CallSite> sites;
  std::uint64_t total = 0;  // of the order's figure, over all call sites
};

struct ReportContent {
  std::string trace;       // path
  std::string mode;        // profile, check, guard
  FaultReport faults;      // with the first ones
  FailureReport failures;  // the most frequent ones
  MarkReport marks;        // the first ones
  RunSummary run;
  std::vector<Pool> pools;  // without their call sites
  SiteFigures total;        // of the heap's call sites
  std::vector<ReportSection> sections;
  // The heaviest stack of every call site above.
  std::map<TraceStackId, std::vector<StackFrame>> stacks;
};

// The first `top` call sites of every question.
ReportContent collect_report(TraceReader& trace, std::size_t top,
                             std::optional<ProcessId> only);

}  // namespace memoir

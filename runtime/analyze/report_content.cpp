#include "analyze/report_content.h"

#include "analyze/suppression_file.h"
#include "analyze/suppressions.h"

namespace memoir {
namespace {

// Takes away what suppressions silence. A call site goes as its heaviest stack does.
void leave_out_silenced(ReportSection& section, TraceReader& trace) {
  const Suppressions rules = all_suppressions(trace);
  if (!rules.concern("leak")) return;
  StackExpander expander(trace.database());
  std::erase_if(section.sites, [&](const CallSite& site) {
    return rules.match("leak", {expander.expand(site.heaviest_stack)}) != nullptr;
  });
}

}  // namespace

ReportContent collect_report(TraceReader& trace, std::size_t top,
                             std::optional<ProcessId> only) {
  ReportContent content;
  content.trace = trace.path().string();
  content.mode = trace.meta("mode");
  content.faults = find_faults(trace.database(), only, top);
  content.failures = find_failures(trace.database(), only, top);
  constexpr std::size_t kMostMarks = 40;
  content.marks = find_marks(trace.database(), only, kMostMarks);
  content.run = summarize(trace, only);
  content.pools = find_pools(trace.database(), only, 0);
  const CallSites sites(trace.database(), SiteKind::kHeap, only);
  content.total = sites.total();
  content.total.live_blocks = content.run.total.live_blocks;
  content.total.live_bytes = content.run.total.live_bytes;
  StackExpander expander(trace.database());
  for (const SiteOrder order :
       {SiteOrder::kLeaked, SiteOrder::kAtPeak, SiteOrder::kAllocated, SiteOrder::kCount,
        SiteOrder::kTemporary}) {
    ReportSection section{order, sites.top(order, top), sites.total().value(order)};
    std::erase_if(section.sites, [order](const CallSite& site) {
      return site.figures.value(order) == 0;
    });
    if (order == SiteOrder::kLeaked) {
      section.total = content.total.live_bytes;
      leave_out_silenced(section, trace);
    }
    for (const CallSite& site : section.sites) {
      const auto [place, is_new] = content.stacks.try_emplace(site.heaviest_stack);
      if (is_new) place->second = expander.expand(site.heaviest_stack);
    }
    content.sections.push_back(std::move(section));
  }
  return content;
}

}  // namespace memoir

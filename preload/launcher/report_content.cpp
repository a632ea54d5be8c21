#include "launcher/report_content.h"

namespace memoir {

ReportContent collect_report(TraceReader& trace, std::size_t top,
                             std::optional<ProcessId> only) {
  ReportContent content;
  content.trace = trace.path().string();
  content.run = summarize(trace, only);
  const CallSites sites(trace.database(), SiteKind::kHeap, only);
  content.total = sites.total();
  StackExpander expander(trace.database());
  for (const SiteOrder order :
       {SiteOrder::kLeaked, SiteOrder::kAtPeak, SiteOrder::kAllocated, SiteOrder::kCount,
        SiteOrder::kTemporary}) {
    ReportSection section{order, sites.top(order, top), sites.total().value(order)};
    std::erase_if(section.sites, [order](const CallSite& site) {
      return site.figures.value(order) == 0;
    });
    for (const CallSite& site : section.sites) {
      const auto [place, is_new] = content.stacks.try_emplace(site.heaviest_stack);
      if (is_new) place->second = expander.expand(site.heaviest_stack);
    }
    content.sections.push_back(std::move(section));
  }
  return content;
}

}  // namespace memoir

#include "launcher/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/faults_text.h"
#include "launcher/incidents_text.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

constexpr std::size_t kReportFrames = 8;
constexpr std::size_t kLabelWidth = 13;
constexpr std::size_t kMostProcesses = 20;

std::string row(const TextStyle& style, std::string_view label, std::string_view text) {
  return fmt::format("  {}{}\n", style.dim(fmt::format("{:<{}}", label, kLabelWidth - 2)),
                     text);
}

std::string render_state(const RunSummary& run, const TextStyle& style) {
  switch (run.state) {
    case TraceState::kCutShort:
      return row(style, "Cut short",
                 style.warning("interrupted: the figures are those of its last moment"));
    case TraceState::kGrowing:
      return row(style, "Recording",
                 style.warning("still going on; the figures are those of this moment"));
    case TraceState::kComplete:
      break;
  }
  return {};
}

std::string render_run(const RunSummary& run, const TextStyle& style) {
  const ProcessSummary& total = run.total;
  const ProcessSummary& first = run.processes.front();
  const bool several = run.processes.size() > 1;
  const bool growing = run.state == TraceState::kGrowing;
  std::string text =
      row(style, "Command",
          shorten_middle(printable(first.command), style.width - kLabelWidth));
  text += row(style, "Ended",
              fmt::format("{}, pid {}", describe_end(first.end, growing), first.pid));
  text += row(style, "Took",
              several ? fmt::format("{}, {}, {}", format_duration(total.duration),
                                    format_things(run.processes.size(), "program image"),
                                    format_things(total.threads, "thread"))
                      : fmt::format("{}, {}", format_duration(total.duration),
                                    format_things(total.threads, "thread")));
  return text + render_state(run, style);
}

std::string render_pools(const std::vector<Pool>& pools, const TextStyle& style) {
  if (pools.empty()) return {};
  PoolRow total;
  total.instances = 0;
  for (const Pool& pool : pools) {
    total.instances += pool.row.instances;
    total.peak_bytes += pool.row.peak_bytes;
    total.live_blocks += pool.row.live_blocks;
    total.live_bytes += pool.row.live_bytes;
  }
  return row(style, "Pools",
             fmt::format("{}, {} at their peaks, {} in {} live at the end",
                         format_count(total.instances), format_bytes(total.peak_bytes),
                         format_bytes(total.live_bytes),
                         format_things(total.live_blocks, "block")));
}

std::string render_totals(const ReportContent& content, const TextStyle& style) {
  const RunSummary& run = content.run;
  const ProcessSummary& total = run.total;
  const bool several = run.processes.size() > 1;
  std::string text = row(style, "Allocated",
                         fmt::format("{} in {}", format_bytes(total.allocated_bytes),
                                     format_things(total.allocations, "allocation")));
  text += row(style, "Freed", format_things(total.frees, "block"));
  text += row(style, "Temporary",
              fmt::format("{}, {} of the allocations, freed before the next one",
                          format_count(total.temporary),
                          format_percent(total.temporary, total.allocations)));
  text += row(style, "Peak",
              fmt::format("{} in {}, after {}{}", format_bytes(total.peak_bytes),
                          format_things(total.peak_blocks, "block"),
                          format_duration(total.peak_t),
                          several ? fmt::format(" (pid {})", total.pid) : ""));
  text += row(style, "Leaked",
              style.bold(fmt::format("{} in {}", format_bytes(content.total.live_bytes),
                                     format_things(content.total.live_blocks, "block"))));
  text += render_pools(content.pools, style);
  if (total.mapped_peak_bytes != 0) {
    text += row(style, "Mapped",
                fmt::format("{} at most by mmap and sbrk, {} at the end",
                            format_bytes(total.mapped_peak_bytes),
                            format_bytes(total.mapped_live_bytes)));
  }
  if (total.dropped != 0) {
    text += row(style, "Dropped",
                style.warning(fmt::format("{} lost: the figures are incomplete",
                                          format_things(total.dropped, "event"))));
  }
  if (total.stacks_cut) {
    text += row(style, "Stacks",
                style.warning("some lack their inner frames: more of them than "
                              "depot_nodes has room for"));
  }
  if (total.unknown_frees != 0) {
    text += row(style, "Unknown",
                fmt::format("{} of blocks made before the recording, or in a pause",
                            format_things(total.unknown_frees, "free")));
  }
  return text;
}

// Those with the highest peaks, in the order in which they began.
std::vector<ProcessSummary> largest_processes(const RunSummary& run) {
  std::vector<ProcessSummary> processes = run.processes;
  if (processes.size() <= kMostProcesses) return processes;
  std::stable_sort(processes.begin(), processes.end(),
                   [](const ProcessSummary& a, const ProcessSummary& b) {
                     return a.peak_bytes > b.peak_bytes;
                   });
  processes.resize(kMostProcesses);
  std::sort(processes.begin(), processes.end(),
            [](const ProcessSummary& a, const ProcessSummary& b) { return a.id < b.id; });
  return processes;
}

std::string render_processes(const RunSummary& run, const TextStyle& style) {
  const bool growing = run.state == TraceState::kGrowing;
  std::string text = "\n" + style.bold("Processes") + "\n\n";
  text += style.dim(fmt::format("  {:>7}  {:>11}  {:>10}  {:>10}  {}", "PID",
                                "ALLOCATIONS", "PEAK", "LEAKED", "COMMAND")) +
          "\n";
  for (const ProcessSummary& process : largest_processes(run)) {
    text +=
        fmt::format("  {:>7}  {:>11}  {:>10}  {:>10}  {}\n", process.pid,
                    format_count(process.allocations), format_bytes(process.peak_bytes),
                    format_bytes(process.live_bytes),
                    shorten_middle(printable(process.command), style.width - 48));
    if (process.end != "exit:0") {
      text += fmt::format("  {:46}{}\n", "",
                          style.warning(describe_end(process.end, growing)));
    }
  }
  if (run.processes.size() > kMostProcesses) {
    text += style.dim(fmt::format(
        "  ... and {} smaller ones (memoir sql FILE \"select * from processes\")\n",
        run.processes.size() - kMostProcesses));
  }
  return text;
}

// What was found wrong, each in a line or two; the whole story is another command's.
std::string render_memory_errors(const ReportContent& content, const TextStyle& style) {
  const FaultReport& faults = content.faults;
  if (faults.different == 0) {
    return faults.were_sought && !content.mode.empty()
               ? "  No memory errors were found.\n\n"
               : "";
  }
  constexpr std::size_t kReportIndent = 5;
  std::string text = style.warning(describe_counts(faults)) + "\n";
  std::size_t number = 0;
  for (const Fault& fault : faults.faults) {
    text += fmt::format("  {:>2} {}\n", ++number, printable(fault.row.message));
    const std::string place =
        fault.file.empty() ? "" : fmt::format(" at {}:{}", fault.file, fault.line);
    const std::string function = short_name(fault.function, style.width - kReportIndent);
    const std::size_t room = style.width - kReportIndent - display_width(function);
    text += fmt::format(
        "{:{}}{}{}\n", "", kReportIndent, style.bold(function),
        style.dim(display_width(place) <= room
                      ? place
                      : shorten_front(place, std::max<std::size_t>(room, 20))));
  }
  return text +
         style.dim(fmt::format("  memoir faults {} tells all that is known\n",
                               printable(content.trace))) +
         "\n";
}

struct SectionWords {
  std::string title;
  std::string nothing;
};

SectionWords words_of(SiteOrder order, std::uint64_t total, const SiteFigures& figures) {
  switch (order) {
    case SiteOrder::kLeaked:
      return {fmt::format("Leaked: {} in {} never freed", format_bytes(total),
                          format_things(figures.live_blocks, "block")),
              "Leaked: nothing, every block was freed"};
    case SiteOrder::kAtPeak:
      return {fmt::format("At the peak: {}", format_bytes(total)), ""};
    case SiteOrder::kOwnPeak:
      return {"Largest at any time", ""};
    case SiteOrder::kAllocated:
      return {fmt::format("Most bytes allocated: {} in all", format_bytes(total)), ""};
    case SiteOrder::kCount:
      return {fmt::format("Most allocations: {} in all", format_count(total)), ""};
    case SiteOrder::kTemporary:
      return {fmt::format("Most temporary allocations: {} in all", format_count(total)),
              ""};
  }
  return {};
}

// The figure that the section is sorted by, and what stands beside it.
std::string render_figures(const CallSite& site, const ReportSection& section,
                           const TextStyle& style) {
  const std::uint64_t value = site.figures.value(section.order);
  const bool counts =
      section.order == SiteOrder::kCount || section.order == SiteOrder::kTemporary;
  std::string beside;
  switch (section.order) {
    case SiteOrder::kLeaked:
      beside = format_things(site.figures.live_blocks, "block");
      break;
    case SiteOrder::kAtPeak:
      beside = format_bytes(site.figures.peak_bytes) + " at its own peak";
      break;
    case SiteOrder::kCount:
      beside = format_bytes(site.figures.allocated_bytes);
      break;
    case SiteOrder::kTemporary:
      beside = "of its " + format_things(site.figures.allocations, "allocation");
      break;
    case SiteOrder::kOwnPeak:
    case SiteOrder::kAllocated:
      beside = format_things(site.figures.allocations, "allocation");
      break;
  }
  const std::string figure =
      fmt::format("{:>11}", counts ? format_count(value) : format_bytes(value));
  return fmt::format("{} {:>6}  {}  {}", style.figure(figure),
                     format_percent(value, section.total), beside,
                     style.dim("by " + site.api));
}

std::string render_site(const CallSite& site, const ReportSection& section,
                        const ReportContent& content,
                        std::map<TraceStackId, std::string>& shown, std::size_t number,
                        const TextStyle& style) {
  const std::size_t indent = 4;
  std::string text =
      fmt::format("{:>2} {}\n", number, render_figures(site, section, style));
  const std::string function = short_name(site.function, style.width - indent);
  text += std::string(indent, ' ') + style.bold(function) + "\n";
  const std::string place =
      long_location(site.file, site.line, site.module, style.width - indent - 3);
  if (!place.empty()) text += std::string(indent, ' ') + style.dim("at " + place) + "\n";

  const auto [known, is_new] = shown.try_emplace(
      site.heaviest_stack, fmt::format("{} {}", site_order_name(section.order), number));
  if (!is_new) {
    return text +
           fmt::format("      {}\n", style.dim("stack as above, " + known->second));
  }
  const auto stack = content.stacks.find(site.heaviest_stack);
  if (stack != content.stacks.end()) {
    text += render_stack(stack->second, indent + 2, kReportFrames, style);
  }
  if (site.concerned > 1) {
    text +=
        fmt::format("      {}\n", style.dim(fmt::format("the heaviest of {} stacks",
                                                        format_count(site.concerned))));
  }
  return text;
}

}  // namespace

std::string render_report(const ReportContent& content, const TextStyle& style) {
  std::string text = style.bold("Memoir report") + "  " +
                     shorten_front(printable(content.trace), style.width - 15) + "\n\n";
  if (content.run.processes.empty()) return text + "  Nothing was recorded.\n";
  text += render_memory_errors(content, style);
  text += render_failures(content.failures, style);
  text += render_run(content.run, style) + "\n" + render_totals(content, style);
  const bool several = content.run.processes.size() > 1;
  if (several) text += render_processes(content.run, style);
  if (const std::string marks = render_marks(content.marks, several, style);
      !marks.empty()) {
    text += "\n" + marks;
  }

  std::map<TraceStackId, std::string> shown;  // stacks, and where they stand
  for (const ReportSection& section : content.sections) {
    const SectionWords words = words_of(section.order, section.total, content.total);
    if (section.sites.empty()) {
      if (!words.nothing.empty()) text += "\n" + style.bold(words.nothing) + "\n";
      continue;
    }
    text += "\n" + style.bold(words.title) + "\n";
    std::size_t number = 0;
    for (const CallSite& site : section.sites) {
      text += "\n" + render_site(site, section, content, shown, ++number, style);
    }
  }
  return text;
}

}  // namespace memoir

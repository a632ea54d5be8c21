#include "viewer/panels/summary_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <string>
#include <vector>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/remarks.h"

namespace memoir {
namespace {

constexpr std::size_t kTop = 5;

struct SectionText {
  const char* title;
  const char* figure;  // what is counted
  bool is_bytes;
};

SectionText text_of(SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return {"Leaked", "never freed", true};
    case SiteOrder::kAtPeak:
      return {"At the peak", "live when most was", true};
    case SiteOrder::kOwnPeak:
      return {"Own peaks", "most at once", true};
    case SiteOrder::kAllocated:
      return {"Allocated", "in all", true};
    case SiteOrder::kCount:
      return {"Most allocations", "allocations", false};
    case SiteOrder::kTemporary:
      return {"Temporary", "freed before the next one", false};
  }
  return {"", "", false};
}

std::string figure_text(std::uint64_t value, bool is_bytes) {
  return is_bytes ? format_bytes(value) : format_count(value);
}

}  // namespace

void SummaryPanel::draw(PanelContext& context) {
  const std::optional<ProcessId> only = context.app.view().process;
  report_.ask(context.session.worker(),
              context.session.key(fmt::format("summary {} {}", only ? only->value : 0,
                                              context.session.rules_version())),
              "Reading the summary", [only](QueryContext& query) {
                return collect_report(query.trace(), kTop, only);
              });
  if (!answer_is_there(report_, report_.value() != nullptr)) return;
  const ReportContent& report = *report_.value();
  ImGui::BeginChild("summary");
  draw_scope(context);
  draw_verdict(report, context);
  for (const ReportSection& section : report.sections) {
    draw_section(section, context);
  }
  draw_run(report, context);
  ImGui::EndChild();
}

// The summary is of a run, or of a process: it says so where more was asked for.
void SummaryPanel::draw_scope(PanelContext& context) {
  const View& view = context.app.view();
  std::vector<std::string> remarks;
  if (!view.filter.empty()) {
    remarks.push_back(
        "The filter does not narrow the summary: Leaks, the call tree and the "
        "allocations answer to it.");
  }
  if (view.range) {
    remarks.push_back(
        "The summary is of the whole time, not of the chosen range: the call tree "
        "answers to that.");
  }
  draw_remarks("summary", remarks);
}

void SummaryPanel::draw_verdict(const ReportContent& report, PanelContext& context) {
  const ProcessSummary& total = report.run.total;
  const FaultReport& faults = report.faults;
  ImGui::PushFont(fonts().heading);
  if (faults.times > 0) {
    coloured_text(theme().fault, icon_text(icon::kFault));
    ImGui::SameLine();
    const std::string text =
        fmt::format("{}, {} different", format_things(faults.times, "memory error"),
                    format_count(faults.different));
    if (link(text, "summary.faults")) context.app.go(PanelId::kFaults);
  }
  const bool ended = report.run.state != TraceState::kGrowing;
  if (total.live_bytes > 0) {
    const ImU32 colour = ended ? theme().leak : theme().live;
    coloured_text(colour, icon_text(ended ? icon::kLeak : icon::kLive));
    ImGui::SameLine();
    const std::string text = fmt::format("{} in {} {}", format_bytes(total.live_bytes),
                                         format_things(total.live_blocks, "block"),
                                         ended ? "never freed" : "live now");
    if (link(text, "summary.leaks")) context.app.go(PanelId::kLeaks);
  } else if (faults.times == 0) {
    coloured_text(theme().good, icon_text(icon::kGood));
    ImGui::SameLine();
    ImGui::TextUnformatted("All memory was freed");
    mark("summary.good");
  }
  ImGui::PopFont();
  if (!faults.were_sought) {
    faint_text("Memory errors were not looked for: record with --mode check.");
    mark("summary.not_sought");
  } else if (faults.times == 0) {
    faint_text("No memory errors were found.");
  }
  const std::string figures = fmt::format(
      "{} of {}, {} of them temporary; peak {} after {}; at most {} at once",
      format_things(total.allocations, "allocation"), format_bytes(total.allocated_bytes),
      format_percent(total.temporary, total.allocations), format_bytes(total.peak_bytes),
      format_duration(total.peak_t), format_things(total.peak_blocks, "block"));
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(figures.c_str());
  ImGui::PopTextWrapPos();
  mark("summary.figures", figures);
}

void SummaryPanel::draw_section(const ReportSection& section, PanelContext& context) {
  if (section.total == 0 || section.sites.empty()) return;
  const SectionText text = text_of(section.order);
  const std::string name(site_order_name(section.order));
  separator_with(fmt::format("{}: {} {}", text.title,
                             figure_text(section.total, text.is_bytes), text.figure));
  mark("summary.section." + name);
  if (!ImGui::BeginTable(name.c_str(), 3, ImGuiTableFlags_NoSavedSettings)) return;
  ImGui::TableSetupColumn("share", ImGuiTableColumnFlags_WidthFixed, scaled(130));
  ImGui::TableSetupColumn("function", ImGuiTableColumnFlags_WidthStretch, 3);
  ImGui::TableSetupColumn("place", ImGuiTableColumnFlags_WidthStretch, 2);
  std::size_t row = 0;
  for (const CallSite& site : section.sites) {
    const std::uint64_t value = site.figures.value(section.order);
    if (value == 0) continue;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(static_cast<int>(row));
    if (ImGui::Selectable("##site", context.app.view().stack == site.heaviest_stack,
                          ImGuiSelectableFlags_SpanAllColumns |
                              ImGuiSelectableFlags_AllowItemOverlap)) {
      View next = context.app.view();
      next.clear_selection();
      next.stack = site.heaviest_stack;
      next.function = site.function;
      context.app.change(next);
    }
    mark_row("summary." + name, row, site.function);
    ImGui::SameLine(0, 0);
    share_bar(static_cast<double>(value) / static_cast<double>(section.total),
              figure_text(value, text.is_bytes),
              section.order == SiteOrder::kLeaked ? theme().leak : theme().live);
    ImGui::TableNextColumn();
    ImGui::PushFont(fonts().mono);
    function_line(site.function);
    ImGui::TableNextColumn();
    ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
    path_line(site.file.empty() ? site.module
                                : fmt::format("{}:{}", site.file, site.line));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    ImGui::PopID();
    ++row;
  }
  ImGui::EndTable();
}

void SummaryPanel::draw_run(const ReportContent& report, PanelContext& context) {
  const TraceFacts& facts = *context.session.facts();
  separator_with("How it was recorded");
  const auto row = [](const char* what, const std::string& text) {
    faint_text(what);
    ImGui::SameLine(scaled(120));
    text_line(text);
    mark(std::string("summary.run.") + what, text);
  };
  if (context.app.view().process && !report.run.processes.empty()) {
    const ProcessSummary& process = report.run.processes.front();
    row("process", fmt::format("{}, {}, {}", process.command, process.pid, process.end));
  }
  row("command", facts.command);
  row("when", fmt::format("{}, for {}", facts.started_at, format_duration(facts.span)));
  row("where", fmt::format("{}, {}", facts.host, facts.kernel));
  row("mode", fmt::format("{}, Memoir {}", facts.mode, report.run.version));
  row("trace", fmt::format("{}, {}", format_bytes(facts.file_bytes),
                           format_things(report.run.total.events, "event")));
  if (report.run.processes.size() > 1) {
    row("processes", format_things(report.run.processes.size(), "process"));
  }
}

}  // namespace memoir

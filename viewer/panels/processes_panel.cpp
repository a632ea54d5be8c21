#include "viewer/panels/processes_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <vector>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t {
  kCommand,
  kPid,
  kEnd,
  kRan,
  kThreads,
  kAllocations,
  kAllocated,
  kPeak,
  kLive
};
constexpr std::array<TableColumn, 9> kColumns = {{
    {"Command", 0, false, "What ran"},
    {"PID", 8, true, "As the system numbered it"},
    {"End", 10, false, "How it ended"},
    {"Ran for", 9, true, "From its start, or exec, to its end"},
    {"Threads", 8, true, "That allocated"},
    {"Allocations", 13, true, "How many"},
    {"Allocated", 10, true, "Bytes in all"},
    {"Peak", 10, true, "Most bytes at once"},
    {"Never freed", 12, true, "Bytes that were live at the end"},
}};

void draw_cell(const ProcessSummary& process, std::size_t column, bool growing) {
  switch (column) {
    case kCommand:
      ImGui::PushFont(fonts().mono);
      text_line(process.command);
      ImGui::PopFont();
      return;
    case kPid:
      return right_aligned(fmt::format("{}", process.pid));
    case kEnd:
      return text_line(growing && process.end == "running" ? "runs" : process.end);
    case kRan:
      return right_aligned(format_duration(process.duration));
    case kThreads:
      return right_aligned(format_count(process.threads));
    case kAllocations:
      return right_aligned(format_count(process.allocations));
    case kAllocated:
      return right_aligned(format_bytes(process.allocated_bytes));
    case kPeak:
      return right_aligned(format_bytes(process.peak_bytes));
    default:
      return right_aligned(format_bytes(process.live_bytes));
  }
}

std::uint64_t figure(const ProcessSummary& process, std::size_t column) {
  switch (column) {
    case kPid:
      return static_cast<std::uint64_t>(process.pid);
    case kRan:
      return process.duration;
    case kThreads:
      return process.threads;
    case kAllocations:
      return process.allocations;
    case kAllocated:
      return process.allocated_bytes;
    case kPeak:
      return process.peak_bytes;
    default:
      return process.live_bytes;
  }
}

}  // namespace

void ProcessesPanel::draw(PanelContext& context) {
  const RunSummary& run = context.session.facts()->run;
  std::vector<const ProcessSummary*> rows;
  for (const ProcessSummary& process : run.processes) rows.push_back(&process);
  const std::size_t column = table_.sort_column();
  const auto less = [column](const ProcessSummary* a, const ProcessSummary* b) {
    if (column == kCommand) return a->command < b->command;
    if (column == kEnd) return a->end < b->end;
    return figure(*a, column) < figure(*b, column);
  };
  std::ranges::stable_sort(rows, [&](auto a, auto b) {
    return table_.descending() ? less(b, a) : less(a, b);
  });
  heading("Processes");
  const View& view = context.app.view();
  std::optional<std::size_t> selected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (view.process == rows[i]->id) selected = i;
  }
  const bool growing = context.session.is_growing();
  const float room = ImGui::GetContentRegionAvail().y;
  if (height_ == 0) {
    const float wanted = static_cast<float>(rows.size() + 2) * ImGui::GetFrameHeight();
    height_ = std::min(room * 0.5f, wanted);
  }
  ImGui::BeginChild("processes", {0, height_});
  const Table::Events events = table_.draw(
      "processes", kColumns, rows.size(), selected, context.app,
      [&](std::size_t row, std::size_t cell) { draw_cell(*rows[row], cell, growing); },
      [&](std::size_t row) { return rows[row]->command; });
  ImGui::EndChild();
  horizontal_splitter("split.threads", &height_, room * 0.1f, room * 0.9f);
  ImGui::BeginChild("threads");
  threads_.draw(context);
  ImGui::EndChild();
  if (!events.selected) return;
  View next = view;
  // A second click takes it back.
  const ProcessId chosen = rows[*events.selected]->id;
  next.process = view.process == chosen ? std::nullopt : std::optional(chosen);
  context.app.go(next);
}

}  // namespace memoir

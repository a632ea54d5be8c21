#include "viewer/panels/leaks_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/filter.h"
#include "analyze/filter_stacks.h"
#include "analyze/stack_store.h"
#include "analyze/table_output.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t {
  kFunction,
  kBytes,
  kBlocks,
  kAverage,
  kStacks,
  kClass,
  kPlace
};
constexpr std::array<TableColumn, 7> kColumns = {{
    {"Function", 0, false, "Where the blocks were allocated"},
    {"Bytes", 14, true, "Never freed, and their share of all"},
    {"Blocks", 10, true, "How many of them"},
    {"Average", 10, true, "Bytes of a block"},
    {"Stacks", 7, true, "Different call stacks that lead there"},
    {"Class", 10, false, "Whether something still points there"},
    {"Place", 26, false, "File and line"},
}};

std::string place_of(const Leak& leak) {
  return leak.file.empty() ? leak.module : fmt::format("{}:{}", leak.file, leak.line);
}

// What the filter takes, and the sums of that.
void keep(LeakReport& report, const Filter& filter, const StackStore& stacks) {
  report.leaks = filter_leaks(filter, select_stacks(filter, stacks).get(), report.leaks);
  report.blocks = report.bytes = 0;
  for (const Leak& leak : report.leaks) {
    report.blocks += leak.blocks;
    report.bytes += leak.bytes;
  }
}

}  // namespace

void LeaksPanel::draw(PanelContext& context) {
  const std::optional<ProcessId> only = context.app.view().process;
  const Filter filter = parse_filter(context.app.view().filter).filter;
  Stacks stacks;
  if (!filter.empty()) {
    Answer<Stacks>& all = context.session.stacks();
    if (!answer_is_there(all, all.value() != nullptr)) return;
    stacks = *all.value();
  }
  report_.ask(context.session.worker(),
              context.session.key(fmt::format("leaks {} {}", only ? only->value : 0,
                                              filter_text(filter))),
              "Reading leaks", [only, filter, stacks](QueryContext& query) {
                LeakReport report = find_leaks(query.database(), only);
                if (!filter.empty()) keep(report, filter, *stacks);
                return report;
              });
  if (!answer_is_there(report_, report_.value() != nullptr)) return;
  if (arranged_ != report_.version()) arrange();
  draw_head(context);
  if (report_.value()->leaks.empty() && !filter.empty()) {
    empty_state(icon::kFilter, theme().faint_text, "The filter takes none of the leaks",
                context.app.view().filter);
    ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2);
    if (ImGui::Button("Clear the filter")) context.app.perform(Command::kClearFilter);
    mark("leaks.clear_filter");
    return;
  }
  if (report_.value()->leaks.empty()) {
    empty_state(
        icon::kGood, theme().good, "Nothing leaked",
        "All that was allocated was freed. The summary says what held the most at "
        "the peak, and what was allocated most often.");
    return;
  }
  draw_table(context);
}

void LeaksPanel::arrange() {
  const std::vector<Leak>& leaks = report_.value()->leaks;
  if (arranged_ != report_.version()) {
    rows_.clear();
    for (const Leak& leak : leaks) rows_.push_back(&leak);
    arranged_ = report_.version();
  }
  const auto less = [column = table_.sort_column()](const Leak* a, const Leak* b) {
    switch (column) {
      case kFunction:
        return a->function < b->function;
      case kBlocks:
        return a->blocks < b->blocks;
      case kAverage:
        return a->bytes * b->blocks < b->bytes * a->blocks;
      case kStacks:
        return a->stacks < b->stacks;
      case kClass:
        return a->leak_class < b->leak_class;
      case kPlace:
        return place_of(*a) < place_of(*b);
      default:
        return a->bytes < b->bytes;
    }
  };
  if (table_.descending()) {
    std::ranges::stable_sort(rows_, [&](auto a, auto b) { return less(b, a); });
  } else {
    std::ranges::stable_sort(rows_, less);
  }
}

void LeaksPanel::draw_head(PanelContext& context) {
  const LeakReport& report = *report_.value();
  heading(context.session.is_growing() ? "Live now" : "Leaks");
  ImGui::SameLine(0, scaled(16));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + scaled(5));
  const std::string text = fmt::format("{} in {} from {}", format_bytes(report.bytes),
                                       format_things(report.blocks, "block"),
                                       format_things(report.leaks.size(), "call site"));
  text_line(text);
  mark("leaks.total", text);
  for (const SilencedLeaks& silenced : report.silenced) {
    faint_text(fmt::format("suppressed by {}: {} in {}", silenced.rule,
                           format_bytes(silenced.bytes),
                           format_things(silenced.blocks, "block")));
  }
}

void LeaksPanel::draw_table(PanelContext& context) {
  const View& view = context.app.view();
  // Several rows may have one stack: that of two processes, say.
  const auto is_selected = [&](std::size_t row) {
    return view.stack && row < rows_.size() && rows_[row]->heaviest_stack == view.stack;
  };
  if (!is_selected(selected_)) {
    selected_ = 0;
    while (selected_ < rows_.size() && !is_selected(selected_)) ++selected_;
  }
  std::optional<std::size_t> selected;
  if (is_selected(selected_)) selected = selected_;
  const Table::Events events = table_.draw(
      "leaks", kColumns, rows_.size(), selected, context.app,
      [this](std::size_t row, std::size_t column) { draw_cell(*rows_[row], column); },
      [this](std::size_t row) {
        return fmt::format("{} {}", rows_[row]->function, rows_[row]->bytes);
      });
  if (events.sort_changed) arrange();
  if (events.selected) {
    selected_ = *events.selected;
    View next = view;
    next.clear_selection();
    next.stack = rows_[*events.selected]->heaviest_stack;
    next.function = rows_[*events.selected]->function;
    context.app.change(next);
  }
  if (selected && context.app.take(Command::kSuppress)) {
    suppress(*rows_[*selected], context.app);
  }
  if (context.app.take(Command::kExport)) context.app.write_export("leaks.csv", as_csv());
}

void LeaksPanel::draw_cell(const Leak& leak, std::size_t column) const {
  switch (column) {
    case kFunction:
      ImGui::PushFont(fonts().mono);
      function_line(leak.function);
      ImGui::PopFont();
      return;
    case kBytes: {
      const std::uint64_t total = std::max<std::uint64_t>(report_.value()->bytes, 1);
      share_bar(static_cast<double>(leak.bytes) / static_cast<double>(total),
                format_bytes(leak.bytes), theme().leak);
      tooltip(fmt::format("{} bytes, {} of all", format_count(leak.bytes),
                          format_percent(leak.bytes, total)));
      return;
    }
    case kBlocks:
      return right_aligned(format_count(leak.blocks));
    case kAverage:
      return right_aligned(format_bytes(leak.blocks > 0 ? leak.bytes / leak.blocks : 0));
    case kStacks:
      return right_aligned(format_count(leak.stacks));
    case kClass:
      return text_line(leak.leak_class);
    default:
      ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
      path_line(place_of(leak));
      ImGui::PopStyleColor();
  }
}

// A line for --suppressions, as other leak checkers read it too.
void LeaksPanel::suppress(const Leak& leak, App& app) {
  const std::string rule = fmt::format("leak:{}", leak.function);
  app.copy(rule,
           fmt::format("'{}': put it into a file for memoir run --suppressions", rule));
}

std::string LeaksPanel::as_csv() const {
  TableOutput table(TableFormat::kCsv, {"class", "blocks", "bytes", "function", "file",
                                        "line", "module", "stacks"});
  for (const Leak* leak : rows_) {
    table.add({text_cell(leak->leak_class), number_cell(leak->blocks),
               number_cell(leak->bytes), text_cell(leak->function), text_cell(leak->file),
               line_cell(leak->line), text_cell(leak->module),
               number_cell(leak->stacks)});
  }
  return table.finish();
}

}  // namespace memoir

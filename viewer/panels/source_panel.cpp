#include "viewer/panels/source_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

constexpr std::array<TableColumn, 3> kColumns = {{
    {"File", 0, false, "With call sites of its own"},
    {"Cost", 14, true, "Of the call sites in it"},
    {"Blocks", 12, true, "How many of them"},
}};

}  // namespace

void SourcePanel::forget() {
  view_.forget();
  files_.forget();
}

void SourcePanel::draw(PanelContext& context) {
  const View& view = context.app.view();
  Answer<Stacks>& stacks = context.session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return;
  std::string file = view.file;
  std::int64_t line = view.line;
  if (file.empty() && view.stack) {
    const StackStore& all = **stacks.value();
    if (const FrameLine* place = all.place(view.stack)) {
      file = all.text(place->file);
      // A line that was clicked here goes before that of the stack.
      if (line == 0) line = place->line;
    }
  }
  if (file.empty()) return draw_files(context);
  ImGui::AlignTextToFramePadding();
  if (link("All files", "source.files")) {
    View next = view;
    next.clear_selection();
    context.app.go(next);
  }
  ImGui::SameLine(0, scaled(16));
  draw_choice();
  ImGui::SameLine(0, scaled(16));
  faint_text("its own, and with what it calls");
  ImGui::SameLine(0, scaled(16));
  const std::string title = line > 0 ? fmt::format("{}:{}", file, line) : file;
  path_line(title);
  mark("source.file", title);
  view_.draw(context, "source", file, line, order_);
}

void SourcePanel::draw_choice() { draw_cost_choice("source", kSiteOrders, &order_); }

void SourcePanel::draw_files(PanelContext& context) {
  const Stacks stacks = *context.session.stacks().value();
  const std::optional<ProcessId> only = context.app.view().process;
  files_.ask(context.session.scanner(),
             context.session.key(fmt::format("files {} {} {}", site_order_name(order_),
                                             only ? only->value : 0,
                                             context.session.stacks().version())),
             "Summing up the costs of files", [=, order = order_](QueryContext& query) {
               std::vector<File> files;
               const std::vector<StackCost> costs =
                   site_costs(read_sites(query.database(), SiteKind::kHeap, only), order);
               for (const FileCost& one : file_costs(*stacks, costs)) {
                 if (!one.file) continue;
                 files.push_back({std::string(stacks->text(one.file)), one.self.value,
                                  one.self.count});
               }
               return files;
             });
  heading("Files");
  ImGui::SameLine(0, scaled(16));
  draw_choice();
  if (!answer_is_there(files_, files_.value() != nullptr)) return;
  if (files_.value()->empty()) {
    return empty_state(icon::kSource, theme().faint_text, "No source file is known",
                       "Build with -g and record again: then call sites have files and "
                       "lines.",
                       "source.empty");
  }
  std::vector<const File*> rows;
  for (const File& file : *files_.value()) rows.push_back(&file);
  const auto less = [column = table_.sort_column()](const File* a, const File* b) {
    if (column == 0) return a->path < b->path;
    return column == 1 ? a->cost < b->cost : a->count < b->count;
  };
  std::ranges::stable_sort(rows, [&](const File* a, const File* b) {
    return table_.descending() ? less(b, a) : less(a, b);
  });
  const std::int64_t total = std::accumulate(
      rows.begin(), rows.end(), std::int64_t{1},
      [](std::int64_t sum, const File* file) { return sum + file->cost; });
  const Table::Events events = table_.draw(
      "source.files", kColumns, rows.size(), std::nullopt, context.app,
      [&](std::size_t row, std::size_t column) {
        const File& file = *rows[row];
        if (column == 0) return path_line(file.path);
        if (column == 2) return right_aligned(cost_text(file.count, false));
        share_bar(static_cast<double>(file.cost) / static_cast<double>(total),
                  cost_text(file.cost, is_in_bytes(order_)), theme().live);
      },
      [&](std::size_t row) { return rows[row]->path; });
  if (!events.selected) return;
  View next = context.app.view();
  next.clear_selection();
  next.file = rows[*events.selected]->path;
  context.app.go(next);
}

}  // namespace memoir

#include "viewer/panels/pools_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <utility>

#include "analyze/filter_reports.h"
#include "analyze/filter_stacks.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/remarks.h"

namespace memoir {
namespace {

enum Column : std::size_t {
  kName,
  kKind,
  kAllocations,
  kFrees,
  kLive,
  kPeak,
  kState,
  kPlace
};
constexpr std::array<TableColumn, 8> kColumns = {{
    {"Name", 0, false, "As the program calls it"},
    {"Kind", 18, false, "What it is"},
    {"Allocations", 12, true, "Blocks that were taken from it"},
    {"Frees", 12, true, "Blocks that were given back"},
    {"Live", 12, true, "Bytes that were not given back"},
    {"Peak", 12, true, "Most bytes at once"},
    {"State", 16, false, "Whether it ended; how many alike there were"},
    {"Made in", 22, false, "File and line"},
}};

constexpr std::array<TableColumn, 5> kSiteColumns = {{
    {"Function", 0, false, "Who took the blocks"},
    {"Allocations", 12, true, "How many"},
    {"Allocated", 12, true, "Bytes in all"},
    {"Live", 12, true, "Bytes that were not given back"},
    {"Place", 24, false, "File and line"},
}};

std::string state_of(const PoolRow& row) {
  if (row.instances > 1) return format_things(row.instances, "pool") + " ended";
  return row.ended ? "ended" : "exists";
}

std::string place_of(const std::string& file, std::int64_t line) {
  return file.empty() ? "" : fmt::format("{}:{}", file, line);
}

void draw_cell(const Pool& pool, std::size_t column) {
  switch (column) {
    case kName:
      return text_line(pool.row.name.empty() ? "(no name)" : pool.row.name);
    case kKind:
      return text_line(pool.row.kind);
    case kAllocations:
      return right_aligned(format_count(pool.row.allocations));
    case kFrees:
      return right_aligned(format_count(pool.row.frees));
    case kLive:
      return right_aligned(format_bytes(pool.row.live_bytes));
    case kPeak:
      return right_aligned(format_bytes(pool.row.peak_bytes));
    case kState:
      return text_line(state_of(pool.row));
    default:
      return path_line(place_of(pool.file, pool.line));
  }
}

bool is_less(const Pool& a, const Pool& b, std::size_t column) {
  switch (column) {
    case kName:
      return a.row.name < b.row.name;
    case kKind:
      return a.row.kind < b.row.kind;
    case kAllocations:
      return a.row.allocations < b.row.allocations;
    case kFrees:
      return a.row.frees < b.row.frees;
    case kLive:
      return a.row.live_bytes < b.row.live_bytes;
    case kState:
      return state_of(a.row) < state_of(b.row);
    case kPlace:
      return place_of(a.file, a.line) < place_of(b.file, b.line);
    default:
      return a.row.peak_bytes < b.row.peak_bytes;
  }
}

}  // namespace

void PoolsPanel::arrange() {
  if (arranged_ != pools_.version()) {
    rows_.clear();
    is_new_ = true;
    for (const Pool& pool : *pools_.value()) rows_.push_back(&pool);
    arranged_ = pools_.version();
  }
  std::ranges::stable_sort(rows_, [this](const Pool* a, const Pool* b) {
    if (table_.descending()) std::swap(a, b);
    return is_less(*a, *b, table_.sort_column());
  });
}

void PoolsPanel::draw(PanelContext& context) {
  const View& view = context.app.view();
  const std::optional<ProcessId> only = view.process;
  const Filter filter = parse_filter(view.filter).filter;
  Stacks stacks;
  if (!filter.empty()) {
    Answer<Stacks>& all = context.session.stacks();
    if (!answer_is_there(all, all.value() != nullptr)) return;
    stacks = *all.value();
  }
  pools_.ask(context.session.worker(),
             context.session.key(
                 fmt::format("pools {} {}", only ? only->value : 0, filter_text(filter))),
             "Reading pools", [=](QueryContext& query) {
               std::vector<Pool> pools = find_pools(query.database(), only);
               if (filter.empty()) return pools;
               return filter_pools(filter, select_stacks(filter, *stacks).get(), pools);
             });
  if (!answer_is_there(pools_, pools_.value() != nullptr)) return;
  if (arranged_ != pools_.version()) arrange();
  if (rows_.empty() && !filter.empty()) {
    empty_state(icon::kFilter, theme().faint_text, "The filter takes no pool",
                view.filter);
    ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2);
    if (ImGui::Button("Clear the filter")) {
      context.app.perform(Command::kClearFilter);
    }
    mark("pools.clear_filter");
    return;
  }
  if (rows_.empty()) {
    empty_state(
        icon::kPool, theme().faint_text, "The program told of no pools",
        "Pools, arenas and buffers of include/memoir tell of themselves when they "
        "are compiled with MEMOIR_TRACKING=1; others do with memoir/track.h.");
    return;
  }
  heading("Pools");
  std::vector<std::string> remarks;
  if (const std::string rest = words_not_about_pools(filter); !rest.empty()) {
    remarks.push_back(fmt::format("{} is not asked of pools.", rest));
  }
  if (view.range) {
    remarks.push_back("Figures of pools are of the whole time, not of the chosen range.");
  }
  draw_remarks("pools", remarks);
  selected_ = std::min(selected_, rows_.size() - 1);
  const float room = ImGui::GetContentRegionAvail().y;
  if (height_ == 0) height_ = room * 0.55f;
  ImGui::BeginChild("list", {0, height_});
  const Table::Events events = table_.draw(
      "pools", kColumns, rows_.size(), selected_, context.app,
      [this](std::size_t row, std::size_t column) { draw_cell(*rows_[row], column); },
      [this](std::size_t row) { return rows_[row]->row.name; });
  ImGui::EndChild();
  if (events.sort_changed) arrange();
  if (events.selected || std::exchange(is_new_, false)) {
    selected_ = events.selected.value_or(selected_);
    View next = context.app.view();
    next.clear_selection();
    next.stack = rows_[selected_]->row.stack;
    context.app.change(next);
  }
  if (events.opened && !rows_[*events.opened]->row.name.empty()) {
    // Its blocks, one by one.
    View next = context.app.view();
    next.panel = PanelId::kAllocations;
    next.filter = fmt::format("pool:\"{}\"", rows_[*events.opened]->row.name);
    context.app.go(next);
  }
  horizontal_splitter("split.pools", &height_, scaled(60), room - scaled(80));
  draw_sites(*rows_[selected_], context);
}

void PoolsPanel::draw_sites(const Pool& pool, PanelContext& context) {
  faint_text(fmt::format("Who took blocks from {}",
                         pool.row.name.empty() ? pool.row.kind : pool.row.name));
  mark("pools.sites", fmt::format("{}", pool.sites.size()));
  std::vector<const PoolSite*> sites;
  for (const PoolSite& site : pool.sites) sites.push_back(&site);
  const std::size_t column = site_table_.sort_column();
  const auto less = [column](const PoolSite* a, const PoolSite* b) {
    switch (column) {
      case 0:
        return a->function < b->function;
      case 1:
        return a->figures.allocations < b->figures.allocations;
      case 2:
        return a->figures.allocated_bytes < b->figures.allocated_bytes;
      case 3:
        return a->figures.live_bytes < b->figures.live_bytes;
      default:
        return place_of(a->file, a->line) < place_of(b->file, b->line);
    }
  };
  std::ranges::stable_sort(sites, [&](auto a, auto b) {
    return site_table_.descending() ? less(b, a) : less(a, b);
  });
  std::optional<std::size_t> selected;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (sites[i]->figures.stack == context.app.view().stack) selected = i;
  }
  const Table::Events events = site_table_.draw(
      "pool_sites", kSiteColumns, sites.size(), selected, context.app,
      [&](std::size_t row, std::size_t cell) {
        const PoolSite& site = *sites[row];
        switch (cell) {
          case 0:
            return function_line(site.function);
          case 1:
            return right_aligned(format_count(site.figures.allocations));
          case 2:
            return right_aligned(format_bytes(site.figures.allocated_bytes));
          case 3:
            return right_aligned(format_bytes(site.figures.live_bytes));
          default:
            return path_line(place_of(site.file, site.line));
        }
      },
      [&](std::size_t row) { return sites[row]->function; });
  if (!events.selected) return;
  View next = context.app.view();
  next.clear_selection();
  next.stack = sites[*events.selected]->figures.stack;
  next.function = sites[*events.selected]->function;
  context.app.change(next);
}

}  // namespace memoir

#include "viewer/panels/threads_table.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/filter.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t {
  kName,
  kTid,
  kBegan,
  kAllocations,
  kAllocated,
  kFrees,
  kLive,
  kBlocks
};
constexpr std::array<TableColumn, 8> kColumns = {{
    {"Thread", 0, false,
     "As it calls itself. A double click or Enter shows what it allocated"},
    {"TID", 9, true, "As the system numbered it"},
    {"Began", 10, true, "When"},
    {"Allocations", 13, true, "How many it made"},
    {"Allocated", 12, true, "Bytes in all"},
    {"Frees", 13, true, "That it did, whoever allocated"},
    {"Live", 18, true, "Bytes that it allocated and that are live at the end"},
    {"Blocks", 11, true, "How many those are"},
}};

}  // namespace

void ThreadsTable::forget() {
  names_.forget();
  figures_.forget();
  process_.reset();
}

std::vector<ThreadsTable::Row> ThreadsTable::rows(bool has_figures) const {
  std::vector<Row> rows;
  for (const ThreadSummary& thread : *names_.value()) rows.push_back({thread, {}});
  if (has_figures) {
    for (const ThreadFigures& figures : *figures_.value()) {
      const auto row = std::ranges::find_if(
          rows, [&](const Row& r) { return r.thread.thread == figures.thread; });
      if (row != rows.end()) {
        row->figures = figures;
      } else {
        Row& unnamed = rows.emplace_back();
        unnamed.thread.thread = figures.thread;
        unnamed.figures = figures;
      }
    }
  }
  const auto figure = [column = table_.sort_column()](const Row& row) -> std::uint64_t {
    switch (column) {
      case kTid:
        return static_cast<std::uint64_t>(row.thread.tid);
      case kBegan:
        return row.thread.started;
      case kAllocations:
        return row.figures.allocations;
      case kAllocated:
        return row.figures.allocated_bytes;
      case kFrees:
        return row.figures.frees;
      case kBlocks:
        return row.figures.live_blocks;
      default:
        return row.figures.live_bytes;
    }
  };
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    if (table_.sort_column() == kName) {
      return table_.descending() ? a.thread.name > b.thread.name
                                 : a.thread.name < b.thread.name;
    }
    return table_.descending() ? figure(a) > figure(b) : figure(a) < figure(b);
  });
  return rows;
}

void ThreadsTable::draw(PanelContext& context) {
  const ProcessId process = context.session.main_process(context.app.view().process);
  if (process_ != process) {
    figures_.forget();
    process_ = process;
  }
  const std::string key = context.session.key(fmt::format("threads {}", process.value));
  names_.ask(
      context.session.worker(), key, "Reading threads",
      [process](QueryContext& query) { return read_threads(query.database(), process); });
  if (!answer_is_there(names_, names_.value() != nullptr)) return;
  // The names come at once; the figures need all events.
  auto& index = context.session.index(process);
  if (index.value() != nullptr) {
    figures_.ask(context.session.scanner(), fmt::format("{} {}", key, index.version()),
                 "Counting what threads did",
                 [index = *index.value()](QueryContext& query) {
                   return count_threads(*index, 0, ~std::uint64_t{0}, query.job());
                 });
  }
  const bool has_figures = figures_.value() != nullptr;
  std::string title = "Threads";
  for (const ProcessSummary& one : context.session.facts()->run.processes) {
    if (one.id == process) title = fmt::format("Threads of {}", one.pid);
  }
  separator_with(title);
  if (!has_figures) {
    const AnswerState& waiting =
        index.value() == nullptr ? static_cast<const AnswerState&>(index) : figures_;
    if (!waiting.error().empty()) {
      coloured_text(theme().warning, waiting.error());
    } else if (waiting.is_slow()) {
      faint_text(waiting.progress() >= 0
                     ? fmt::format("Counting events: {:.0f}%", waiting.progress() * 100)
                     : std::string("Counting events"));
    }
  }
  const std::vector<Row> rows = this->rows(has_figures);
  std::uint64_t live = 1;
  for (const Row& row : rows) live += row.figures.live_bytes;
  const auto shown = [&](std::uint64_t figure) {
    right_aligned(has_figures ? format_count(figure) : "", !has_figures);
  };
  const Table::Events events = table_.draw(
      "threads", kColumns, rows.size(), std::nullopt, context.app,
      [&](std::size_t i, std::size_t column) {
        const Row& row = rows[i];
        switch (column) {
          case kName:
            return text_line(row.thread.name.empty()
                                 ? fmt::format("{}", row.thread.thread)
                                 : row.thread.name);
          case kTid:
            return right_aligned(fmt::format("{}", row.thread.tid));
          case kBegan:
            return right_aligned(format_duration(row.thread.started));
          case kAllocations:
            return shown(row.figures.allocations);
          case kAllocated:
            return right_aligned(has_figures ? format_bytes(row.figures.allocated_bytes)
                                             : "");
          case kFrees:
            return shown(row.figures.frees);
          case kLive:
            if (!has_figures) return;
            return share_bar(
                static_cast<double>(row.figures.live_bytes) / static_cast<double>(live),
                format_bytes(row.figures.live_bytes), theme().live);
          default:
            return shown(row.figures.live_blocks);
        }
      },
      [&](std::size_t i) {
        return fmt::format("{} {} {}", rows[i].thread.name, rows[i].figures.allocations,
                           rows[i].figures.live_bytes);
      });
  if (!events.opened) return;
  FilterTerm term;
  term.field = FilterField::kThread;
  term.text = fmt::format("{}", rows[*events.opened].thread.thread);
  Filter filter = parse_filter(context.app.view().filter).filter;
  std::erase_if(filter.terms,
                [](const FilterTerm& t) { return t.field == FilterField::kThread; });
  filter.terms.push_back(term);
  View next = context.app.view();
  next.filter = filter_text(filter);
  next.process = process;
  next.panel = PanelId::kAllocations;
  context.app.go(next);
}

}  // namespace memoir

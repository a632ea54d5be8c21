#include "viewer/panels/compare_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/filter.h"
#include "analyze/moments.h"
#include "analyze/table_output.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/panels/tree_cost.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/cost_choice.h"
#include "viewer/widgets/remarks.h"

namespace memoir {
namespace {

enum Column : std::size_t { kFunction, kBefore, kAfter, kDelta, kPercent, kTag, kPlace };
constexpr std::array<TableColumn, 7> kColumns = {{
    {"Function", 0, false, "Where the blocks were allocated"},
    {"Before", 11, true, "In what is compared with"},
    {"After", 11, true, "In what came after it"},
    {"Change", 13, true, "After less before; sorted by how much it is, either way"},
    {"Percent", 10, true, "The change, as a part of what was before"},
    {"What", 8, false, "New, gone, grown or shrunk"},
    {"Place", 24, false, "File and line"},
}};
constexpr std::array kTraceOrders = {SiteOrder::kLeaked, SiteOrder::kAtPeak,
                                     SiteOrder::kAllocated, SiteOrder::kCount,
                                     SiteOrder::kTemporary};

std::uint64_t size_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

std::string place_of(const ChangedSite& site) {
  if (site.file.empty()) return site.module;
  return site.line == 0 ? site.file : fmt::format("{}:{}", site.file, site.line);
}

std::string percent_text(const ChangedFigures& figures) {
  if (figures.before == 0 || figures.delta() == 0) return "";
  const double percent = figures.delta_percent();
  return percent > 99'999 ? "> 99,999%" : fmt::format("{:+.1f}%", percent);
}

ImU32 colour_of(std::int64_t delta) {
  if (delta == 0) return theme().faint_text;
  return delta > 0 ? theme().grown : theme().shrunk;
}

const char* norm_title(Norm norm) {
  switch (norm) {
    case Norm::kTime:
      return "per run time";
    case Norm::kEvents:
      return "per event";
    default:
      return "as recorded";
  }
}

const ProcessSummary& summary_of(const TraceSession& session,
                                 std::optional<ProcessId> process) {
  const RunSummary& run = session.facts()->run;
  if (process) {
    const auto one = std::ranges::find(run.processes, *process, &ProcessSummary::id);
    if (one != run.processes.end()) return *one;
  }
  return run.total;
}

}  // namespace

void ComparePanel::forget() {
  other_.forget();
  found_.forget();
  rows_.clear();
  arranged_ = 0;
  selected_.reset();
}

void ComparePanel::draw(PanelContext& context) {
  if (context.app.other_session() != nullptr) {
    if (!ask_about_traces(context)) return;
  } else {
    other_.forget();
    if (!context.app.view().range) {
      found_.forget();
      return empty_state(
          icon::kCompare, theme().faint_text, "Nothing to compare with",
          "Open a second trace with Ctrl+Shift+O, or both at once: memoir view OLD NEW.  "
          "To compare two moments of this trace, drag a range on the timeline.",
          "compare.empty");
    }
    if (!ask_about_moments(context)) return;
  }
  if (!answer_is_there(found_, found_.value() != nullptr)) return;
  if (arranged_ != found_.version()) {
    selected_.reset();
    arrange();
  }
  draw_head(context);
  if (!rows_.empty()) return draw_table(context);
  const bool is_filtered = !context.app.view().filter.empty();
  empty_state(icon::kGood, theme().good, "No difference",
              is_filtered ? "Of what the filter takes, both cost the same: nothing."
                          : "Neither of both has any of these.",
              "compare.empty");
}

ComparePanel::Found ComparePanel::compare(const Comparison::Side& before,
                                          const Comparison::Side& after) {
  Found found;
  found.comparison.emplace(before, after);
  for (const ChangedSite& site : found.comparison->sites()) {
    // Of one trace both sides number stacks alike.
    const bool is_one = before.stacks == after.stacks;
    found.stacks.push_back(site.before_stack || !is_one ? site.before_stack
                                                        : site.after_stack);
    const auto size = static_cast<std::int64_t>(size_of(site.figures.delta()));
    found.largest = std::max(found.largest, size);
  }
  return found;
}

std::optional<ProcessId> ComparePanel::other_process(
    PanelContext& context, std::vector<std::string>& remarks) const {
  const std::optional<ProcessId> only = context.app.view().process;
  if (!only) return std::nullopt;
  const auto other =
      matching_process(context.session.facts()->run.processes, *only,
                       context.app.other_session()->facts()->run.processes);
  const std::string program = summary_of(context.session, only).executable;
  remarks.push_back(
      other ? fmt::format("Process {} with process {} of the second trace: {}.",
                          only->value, other->value, program)
            : fmt::format("The second trace has no process of {}: all of it is compared.",
                          program));
  return other;
}

double ComparePanel::factor(PanelContext& context) const {
  std::vector<std::string> ignored;
  const ProcessSummary& first = summary_of(context.session, context.app.view().process);
  const ProcessSummary& second =
      summary_of(*context.app.other_session(), other_process(context, ignored));
  switch (norm_) {
    case Norm::kTime:
      return norm_factor(first.duration, second.duration);
    case Norm::kEvents:
      return norm_factor(first.events, second.events);
    default:
      return 1;
  }
}

bool ComparePanel::ask_about_traces(PanelContext& context) {
  TraceSession& other = *context.app.other_session();
  if (other.facts() == nullptr) return false;
  Answer<Stacks>& stacks = context.session.stacks();
  Answer<Stacks>& other_stacks = other.stacks();
  const Filter filter = parse_filter(context.app.view().filter).filter;
  const SiteOrder order = order_;
  std::vector<std::string> remarks;
  const std::optional<ProcessId> other_only = other_process(context, remarks);
  const double times = factor(context);
  if (times != 1) {
    remarks.push_back(
        fmt::format("Figures of the second trace are taken times {:.3g}.", times));
  }
  const std::string key =
      fmt::format("{} {} {} {}", other.key(other.path().string()), site_order_name(order),
                  filter_text(filter), other_only ? other_only->value : 0);
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return false;
  if (!answer_is_there(other_stacks, other_stacks.value() != nullptr)) return false;
  other_.ask(other.scanner(), fmt::format("{} {}", key, other_stacks.version()),
             "Reading the second trace",
             [=, all = *other_stacks.value()](QueryContext& query) {
               return OtherCosts{taken_costs(
                   filter, *all,
                   site_costs(read_sites(query.database(), SiteKind::kHeap, other_only),
                              order))};
             });
  if (!answer_is_there(other_, other_.value() != nullptr)) return false;
  if (!other_.is_current()) return found_.value() != nullptr;
  const std::optional<ProcessId> only = context.app.view().process;
  found_.ask(
      context.session.scanner(),
      context.session.key(fmt::format("{} {} {} {} {}", key, only ? only->value : 0,
                                      times, other_.version(), stacks.version())),
      "Comparing",
      [=, all = *stacks.value(), other_all = *other_stacks.value(),
       costs = other_.share(), before = context.session.path().filename().string(),
       after = other.path().filename().string()](QueryContext& query) {
        const std::vector<StackCost> own =
            taken_costs(filter, *all,
                  site_costs(read_sites(query.database(), SiteKind::kHeap, only), order));
        const std::vector<StackCost> scaled = scale_costs(costs->costs, times);
        Found found = compare({all, own}, {other_all, scaled});
        found.remarks = remarks;
        found.before = before;
        found.after = after;
        found.in_bytes = is_in_bytes(order);
        return found;
      });
  return true;
}

bool ComparePanel::ask_about_moments(PanelContext& context) {
  const TimeRange range = *context.app.view().range;
  const ProcessId process = context.session.main_process(context.app.view().process);
  auto& index = context.session.index(process);
  if (!answer_is_there(index, index.value() != nullptr)) return false;
  Answer<Stacks>& stacks = context.session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return false;
  const Filter filter = parse_filter(context.app.view().filter).filter;
  found_.ask(context.session.scanner(),
             context.session.key(fmt::format(
                 "moments {} {} {} {} {} {}", process.value, index.version(),
                 stacks.version(), range.begin, range.end, filter_text(filter))),
             "Comparing two moments",
             [=, all = *stacks.value(), events = *index.value()](QueryContext& query) {
               const auto costs_at = [&](std::uint64_t t) {
                 const std::uint64_t moment = events->view().moment_at(t);
                 std::vector<StackCost> costs;
                 for (const auto& one : heap_at(*events, moment, query.job()).stacks) {
                   costs.push_back({TraceStackId{one.stack},
                                    plain_cost(clamp_figure(one.figures.bytes),
                                               clamp_figure(one.figures.blocks))});
                 }
                 return taken_costs(filter, *all, std::move(costs));
               };
               const std::vector<StackCost> before = costs_at(range.begin);
               const std::vector<StackCost> after = costs_at(range.end);
               Found found = compare({all, before}, {all, after});
               found.before = "live at " + format_duration(range.begin);
               found.after = "live at " + format_duration(range.end);
               return found;
             });
  return true;
}

void ComparePanel::arrange() {
  const std::vector<ChangedSite>& sites = found_.value()->comparison->sites();
  if (arranged_ != found_.version()) {
    rows_.clear();
    for (std::size_t i = 0; i < sites.size(); ++i) rows_.push_back(i);
    arranged_ = found_.version();
  }
  const auto less = [&, column = table_.sort_column()](std::size_t one, std::size_t two) {
    const ChangedSite &a = sites[one], &b = sites[two];
    switch (column) {
      case kFunction:
        return a.function < b.function;
      case kBefore:
        return a.figures.before < b.figures.before;
      case kAfter:
        return a.figures.after < b.figures.after;
      case kPercent:
        return a.figures.delta_percent() < b.figures.delta_percent();
      case kTag:
        return a.figures.change() < b.figures.change();
      case kPlace:
        return place_of(a) < place_of(b);
      default:
        return size_of(a.figures.delta()) < size_of(b.figures.delta());
    }
  };
  if (table_.descending()) {
    std::ranges::stable_sort(rows_, [&](auto a, auto b) { return less(b, a); });
  } else {
    std::ranges::stable_sort(rows_, less);
  }
}

void ComparePanel::draw_norm_choice() {
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 8);
  const bool is_open = ImGui::BeginCombo("##compare.norm", norm_title(norm_));
  mark("compare.norm", norm_name(norm_));
  if (!is_open) return;
  for (const Norm norm : {Norm::kNone, Norm::kTime, Norm::kEvents}) {
    if (ImGui::Selectable(norm_title(norm), norm == norm_)) norm_ = norm;
    mark(fmt::format("compare.norm.{}", norm_name(norm)));
  }
  ImGui::EndCombo();
}

void ComparePanel::draw_head(PanelContext& context) {
  const Found& found = *found_.value();
  heading("Comparison");
  if (context.app.other_session() != nullptr) {
    ImGui::SameLine(0, scaled(16));
    draw_cost_choice("compare", kTraceOrders, &order_);
    ImGui::SameLine(0, scaled(8));
    draw_norm_choice();
  }
  ImGui::SameLine(0, scaled(16));
  const std::string sides = fmt::format("{}  >  {}", found.before, found.after);
  ImGui::AlignTextToFramePadding();
  text_line(sides);
  mark("compare.sides", sides);
  const ChangedFigures& total = found.comparison->total();
  const std::string percent = percent_text(total);
  const std::string text = fmt::format(
      "{} > {}  ({}{}{})", cost_text(total.before, found.in_bytes),
      cost_text(total.after, found.in_bytes), change_text(total.delta(), found.in_bytes),
      percent.empty() ? "" : ", ", percent);
  coloured_text(colour_of(total.delta()), text);
  mark("compare.total", text);
  std::array<std::size_t, 5> counts{};
  for (const ChangedSite& site : found.comparison->sites()) {
    ++counts[static_cast<std::size_t>(site.figures.change())];
  }
  ImGui::SameLine(0, scaled(16));
  faint_text(fmt::format("{} new, {} gone, {} grown, {} shrunk, {} same",
                         format_count(counts[0]), format_count(counts[1]),
                         format_count(counts[2]), format_count(counts[3]),
                         format_count(counts[4])));
  draw_remarks("compare", found.remarks);
}

void ComparePanel::draw_table(PanelContext& context) {
  const Found& found = *found_.value();
  const std::vector<ChangedSite>& sites = found.comparison->sites();
  std::optional<std::size_t> selected;
  if (selected_) {
    const auto at = std::ranges::find(rows_, *selected_);
    if (at != rows_.end()) selected = static_cast<std::size_t>(at - rows_.begin());
  }
  const Table::Events events = table_.draw(
      "compare", kColumns, rows_.size(), selected, context.app,
      [&](std::size_t row, std::size_t column) { draw_cell(sites[rows_[row]], column); },
      [&](std::size_t row) {
        const ChangedSite& site = sites[rows_[row]];
        return fmt::format("{} {} {} {}", site.function, site.figures.before,
                           site.figures.after, change_name(site.figures.change()));
      });
  if (events.sort_changed) arrange();
  if (events.selected) {
    selected_ = rows_[*events.selected];
    View next = context.app.view();
    next.clear_selection();
    next.function = sites[*selected_].function;
    next.stack = found.stacks[*selected_];
    context.app.change(next);
    if (!next.stack) context.app.notify("Only the second trace has this call site");
  }
  if (context.app.take(Command::kExport)) {
    context.app.write_export("comparison.csv", as_csv());
  }
}

void ComparePanel::draw_cell(const ChangedSite& site, std::size_t column) const {
  const Found& found = *found_.value();
  const ChangedFigures& figures = site.figures;
  const ImU32 colour = colour_of(figures.delta());
  switch (column) {
    case kFunction:
      ImGui::PushFont(fonts().mono);
      function_line(site.function);
      ImGui::PopFont();
      return;
    case kBefore:
      return right_aligned(cost_text(figures.before, found.in_bytes),
                           figures.before == 0);
    case kAfter:
      return right_aligned(cost_text(figures.after, found.in_bytes), figures.after == 0);
    case kDelta:
      share_bar(static_cast<double>(size_of(figures.delta())) /
                    static_cast<double>(found.largest),
                change_text(figures.delta(), found.in_bytes), colour);
      return tooltip(fmt::format("{} blocks before, {} after",
                                 cost_text(figures.before_count, false),
                                 cost_text(figures.after_count, false)));
    case kPercent:
      return right_aligned(percent_text(figures));
    case kTag:
      return coloured_text(colour, change_name(figures.change()));
    default:
      ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
      path_line(place_of(site));
      ImGui::PopStyleColor();
  }
}

std::string ComparePanel::as_csv() const {
  TableOutput table(TableFormat::kCsv, {"change", "before", "after", "delta", "function",
                                        "file", "line", "module"});
  for (const std::size_t row : rows_) {
    const ChangedSite& site = found_.value()->comparison->sites()[row];
    table.add({text_cell(change_name(site.figures.change())), site.figures.before,
               site.figures.after, site.figures.delta(), text_cell(site.function),
               text_cell(site.file), line_cell(site.line), text_cell(site.module)});
  }
  return table.finish();
}

}  // namespace memoir

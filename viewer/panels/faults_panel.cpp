#include "viewer/panels/faults_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <string>
#include <utility>

#include "analyze/filter_reports.h"
#include "analyze/filter_stacks.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/hex_view.h"
#include "viewer/widgets/remarks.h"
#include "viewer/widgets/stack_list.h"

namespace memoir {
namespace {

enum Column : std::size_t { kWhen, kKind, kCount, kMessage, kFunction };
constexpr std::array<TableColumn, 5> kColumns = {{
    {"When", 13, true, "Since the trace began"},
    {"Kind", 24, false, "As the view `faults` and suppressions name it"},
    {"Times", 7, true, "Equal errors are counted"},
    {"What happened", 0, false, "The first line of the report"},
    {"Function", 26, false,
     "Where it happened; where the block was made for what was found late"},
}};

void draw_cell(const Fault& fault, std::size_t column) {
  switch (column) {
    case kWhen:
      return right_aligned(format_time(fault.row.t), true);
    case kKind:
      return coloured_text(theme().fault, fault.kind);
    case kCount:
      return right_aligned(format_count(fault.row.count));
    case kMessage:
      return text_line(fault.row.message);
    default:
      ImGui::PushFont(fonts().mono);
      function_line(fault.function);
      ImGui::PopFont();
  }
}

bool is_less(const Fault& a, const Fault& b, std::size_t column) {
  switch (column) {
    case kKind:
      return a.kind < b.kind;
    case kCount:
      return a.row.count < b.row.count;
    case kMessage:
      return a.row.message < b.row.message;
    case kFunction:
      return a.function < b.function;
    default:
      return a.row.t < b.row.t;
  }
}

std::string thread_text(TraceThreadId thread, const std::string& name) {
  if (!thread) return "";
  return name.empty() ? fmt::format(", thread {}", thread.value)
                      : fmt::format(", thread {} \"{}\"", thread.value, name);
}

std::string place_of(const SourcePlace& place) {
  return place.file.empty() ? "" : fmt::format(", {}:{}", place.file, place.line);
}

}  // namespace

void FaultsPanel::draw(PanelContext& context) {
  const std::optional<ProcessId> only = context.app.view().process;
  report_.ask(context.session.worker(),
              context.session.key(fmt::format("faults {}", only ? only->value : 0)),
              "Reading memory errors", [only](QueryContext& query) {
                return find_faults(query.database(), only);
              });
  if (!answer_is_there(report_, report_.value() != nullptr)) return;
  const FaultReport& report = *report_.value();
  if (report.faults.empty()) {
    if (report.were_sought) {
      empty_state(icon::kGood, theme().good, "No memory errors",
                  "Bounds, uses after free, double and invalid frees and mismatches were "
                  "checked; none was found.");
    } else {
      empty_state(icon::kInfo, theme().faint_text, "Memory errors were not looked for",
                  "Record with  memoir run --mode check -- ./program  to find overflows, "
                  "uses after free, double frees and mismatches.");
    }
    return;
  }
  if (!choose(context)) return;
  heading("Memory errors");
  ImGui::SameLine(0, scaled(16));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + scaled(5));
  std::string total =
      fmt::format("{} different, {} in all", report.different, report.times);
  if (report.silenced > 0) total += fmt::format(", {} suppressed", report.silenced);
  if (report.untold > 0)
    total += fmt::format(", {} could not be recorded", report.untold);
  text_line(total);
  mark("faults.total", total);
  if (taken_.size() < report.faults.size()) {
    const std::string text =
        fmt::format("{} of them agree with the filter and the range.", taken_.size());
    coloured_text(theme().warning, text);
    mark("faults.taken", text);
  }
  const std::string rest =
      words_not_about_faults(parse_filter(context.app.view().filter).filter);
  if (!rest.empty()) {
    const std::string remark = fmt::format("{} is not asked of memory errors.", rest);
    draw_remarks("faults", {&remark, 1});
  }
  if (taken_.empty()) {
    empty_state(icon::kFilter, theme().faint_text, "None of the memory errors is taken",
                context.app.view().filter);
    ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2);
    if (ImGui::Button("Clear the filter and the range")) {
      context.app.perform(Command::kClearFilter);
    }
    mark("faults.clear_filter");
    return;
  }

  const View& view = context.app.view();
  const bool has_selection = view.fault && *view.fault < report.faults.size();
  const float room = ImGui::GetContentRegionAvail().y;
  if (height_ == 0) height_ = room * 0.36f;
  height_ = std::clamp(height_, scaled(60), std::max(scaled(60), room - scaled(120)));
  ImGui::BeginChild("list", {0, has_selection ? height_ : 0});
  draw_table(context);
  ImGui::EndChild();
  if (!has_selection) return;
  horizontal_splitter("split.fault", &height_, scaled(60), room - scaled(120));
  ImGui::BeginChild("fault");
  draw_fault(report.faults[*view.fault], context);
  ImGui::EndChild();
}

bool FaultsPanel::choose(PanelContext& context) {
  const View& view = context.app.view();
  const Filter filter = parse_filter(view.filter).filter;
  NumberRange times;
  if (view.range) times = {view.range->begin, view.range->end};
  if (filter.empty() && times.is_all()) {
    // Names need not be read.
  } else if (Answer<memoir::Stacks>& all = context.session.stacks();
             !answer_is_there(all, all.value() != nullptr)) {
    return false;
  }
  const std::string asked = fmt::format("{} {} {} {}", report_.version(), times.least,
                                        times.most, filter_text(filter));
  if (asked == taken_by_) return true;
  taken_by_ = asked;
  const std::shared_ptr<const StackSet> set =
      filter.empty() ? nullptr
                     : select_stacks(filter, **context.session.stacks().value());
  taken_ = filter_faults(filter, set.get(), times, report_.value()->faults);
  is_new_ = true;
  return true;
}

void FaultsPanel::select(std::size_t fault, App& app) {
  const Fault& row = report_.value()->faults[fault];
  View next = app.view();
  next.clear_selection();
  next.fault = fault;
  next.stack = row.row.stack;
  next.function = row.function;
  next.file = row.file;
  next.line = row.line;
  app.change(next);
}

void FaultsPanel::draw_table(PanelContext& context) {
  const std::vector<Fault>& faults = report_.value()->faults;
  const auto arrange = [&] {
    order_ = taken_;
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
      if (table_.descending()) std::swap(a, b);
      return is_less(faults[a], faults[b], table_.sort_column());
    });
  };
  if (arranged_ != report_.version() || std::exchange(is_new_, false)) {
    arrange();
    arranged_ = report_.version();
    const std::optional<std::size_t> chosen = context.app.view().fault;
    if (!chosen || std::ranges::find(order_, *chosen) == order_.end()) {
      select(order_[0], context.app);
    }
  }
  std::optional<std::size_t> selected;
  for (std::size_t i = 0; context.app.view().fault && i < order_.size(); ++i) {
    if (order_[i] == *context.app.view().fault) selected = i;
  }
  const Table::Events events = table_.draw(
      "faults", kColumns, order_.size(), selected, context.app,
      [&](std::size_t row, std::size_t column) {
        draw_cell(faults[order_[row]], column);
      },
      [&](std::size_t row) { return faults[order_[row]].row.message; });
  if (events.sort_changed) arrange();
  if (events.selected) select(order_[*events.selected], context.app);
  if (events.opened && !faults[order_[*events.opened]].file.empty()) {
    View next = context.app.view();
    next.panel = PanelId::kSource;
    context.app.go(next);
  }
  if (selected && context.app.take(Command::kSuppress)) {
    const std::string rule = suppression_line(faults[order_[*selected]]);
    context.app.copy(
        rule,
        fmt::format("'{}': put it into a file for memoir run --suppressions", rule));
  }
}

void FaultsPanel::draw_fault(const Fault& fault, PanelContext& context) {
  const FaultRow& row = fault.row;
  ImGui::PushTextWrapPos(0);
  ImGui::PushFont(fonts().heading);
  coloured_text(theme().fault, row.message);
  ImGui::PopFont();
  mark("fault.message", row.message);
  if (row.misuse && !row.misuse->text.empty()) {
    ImGui::TextUnformatted(row.misuse->text.c_str());
  }
  if (row.late) {
    faint_text(row.at_end
                   ? "It was found when the program ended: the stack of the damage is "
                     "not known. memoir run --pin with this trace stops at it."
                   : "It was found some time after it was done: memoir run --pin with "
                     "this trace stops at it.");
  }
  ImGui::PopTextWrapPos();
  draw_stacks(fault, context);
  if (row.dump.empty()) return;
  separator_with("Memory around it");
  HexView view;
  view.address = row.dump_address;
  view.bytes = row.dump;
  view.marked = row.address;
  view.marked_bytes = row.late ? row.damaged : row.size;
  if (row.place == MemoryPlace::kBlock) {
    view.block = row.block_address;
    view.block_end = row.block_address + row.block_size;
  }
  draw_hex("fault.hex", view);
}

void FaultsPanel::draw_stacks(const Fault& fault, PanelContext& context) {
  const FaultRow& row = fault.row;
  stacks_.ask(context.session.worker(), context.session.key(std::to_string(row.id)),
              "Reading call stacks",
              [access = row.stack, alloc = row.alloc_stack,
               free = row.free_stack](QueryContext& query) {
                StackExpander expander(query.database());
                return Stacks{expander.expand(access), expander.expand(alloc),
                              expander.expand(free)};
              });
  if (stacks_.value() == nullptr) return;
  const Stacks& stacks = *stacks_.value();
  struct Side {
    const char* name;
    std::string title;
    const std::vector<StackFrame>* frames;
  };
  std::vector<Side> sides;
  const PoolMisuse misuse = row.misuse.value_or(PoolMisuse());
  sides.push_back({"access",
                   (row.late ? "Found" : "Happened") +
                       thread_text(row.thread, fault.thread) + place_of(misuse.where),
                   &stacks.access});
  if (!stacks.alloc.empty()) {
    sides.push_back({"alloc",
                     "Allocated" + thread_text(row.alloc_thread, fault.alloc_thread) +
                         place_of(misuse.allocated),
                     &stacks.alloc});
  }
  if (!stacks.free.empty()) {
    sides.push_back({"free",
                     "Freed" + thread_text(row.free_thread, fault.free_thread) +
                         place_of(misuse.released),
                     &stacks.free});
  }
  const float height =
      row.dump.empty() ? ImGui::GetContentRegionAvail().y
                       : std::max(scaled(120), ImGui::GetContentRegionAvail().y * 0.6f);
  if (!ImGui::BeginTable("stacks", static_cast<int>(sides.size()),
                         ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_NoSavedSettings,
                         {0, height})) {
    return;
  }
  ImGui::TableNextRow();
  for (const Side& side : sides) {
    ImGui::TableNextColumn();
    faint_text(side.title);
    mark(std::string("fault.") + side.name, side.title);
    ImGui::BeginChild(side.name,
                      {0, height - ImGui::GetTextLineHeightWithSpacing() * 1.5f});
    draw_stack((std::string("fault.") + side.name).c_str(), *side.frames, false,
               context.app);
    ImGui::EndChild();
  }
  ImGui::EndTable();
}

}  // namespace memoir

#include "viewer/panels/leaks_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/filter.h"
#include "analyze/short_name.h"
#include "analyze/suppression_file.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/panels/leak_cells.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/remarks.h"

namespace memoir {
namespace {

constexpr std::array kGroups = {LeakGroup::kSite, LeakGroup::kFunction, LeakGroup::kFile,
                                LeakGroup::kModule, LeakGroup::kThread};

const char* group_title(LeakGroup group) {
  switch (group) {
    case LeakGroup::kSite:
      return "by call site";
    case LeakGroup::kFunction:
      return "by function";
    case LeakGroup::kFile:
      return "by file";
    case LeakGroup::kModule:
      return "by module";
    case LeakGroup::kThread:
      return "by thread";
  }
  return "";
}

const char* group_things(LeakGroup group) {
  return group == LeakGroup::kSite ? "call site" : leak_group_name(group).data();
}

// What a rule for the row says; "" where there can be none.
std::string pattern_of(const LeakRow& row, LeakGroup group) {
  switch (group) {
    case LeakGroup::kFile:
      return row.file;
    case LeakGroup::kModule:
      return row.module;
    case LeakGroup::kThread:
      return "";
    default:
      return row.function == kNoCallStack ? "" : row.function;
  }
}

}  // namespace

void LeaksPanel::forget() {
  leaks_.forget();
  lives_.forget();
  shown_.forget();
  rows_.clear();
  menu_.reset();
  arranged_ = 0;
}

bool LeaksPanel::ask(PanelContext& context) {
  const View& view = context.app.view();
  TraceSession& session = context.session;
  const std::optional<ProcessId> only = view.process;
  const std::uint64_t process = only ? only->value : 0;
  const Filter filter = parse_filter(view.filter).filter;
  leaks_.ask(
      session.worker(), session.key(fmt::format("leaks {}", process)), "Reading leaks",
      [only](QueryContext& query) { return read_leaked_stacks(query.database(), only); });
  Answer<Stacks>& stacks = session.stacks();
  if (!answer_is_there(leaks_, leaks_.value() != nullptr)) return false;
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return false;

  LeakLivesQuestion times;
  times.only = only;
  times.by_thread = group_ == LeakGroup::kThread;
  times.filter = words_about_blocks(filter);
  if (view.range) times.made = {view.range->begin, view.range->end};
  const bool only_lives = view.range || !times.filter.empty();
  const std::string question = session.key(
      fmt::format("lives {} {} {} {} {}", process, times.by_thread, times.made.least,
                  times.made.most, filter_text(times.filter)));
  lives_.ask(
      session.worker(), question, "Reading when leaks were made",
      [=, all = *stacks.value()](QueryContext& query) {
        LeakLivesQuestion asked = times;
        if (!asked.filter.empty()) {
          asked.names = std::make_shared<const FilterNames>(
              load_filter_names(query.database(), all));
        }
        return Lives{read_leak_lives(query.database(), asked, query.job()), question};
      });
  const bool has_lives =
      lives_.value() != nullptr && lives_.value()->question == question;
  if (only_lives && !has_lives) {
    return answer_is_there(lives_, shown_.value() != nullptr) &&
           shown_.value() != nullptr;
  }
  shown_.ask(session.worker(),
             session.key(fmt::format(
                 "leak table {} {} {} {} {} {} {} {}", process, leak_group_name(group_),
                 only_lives, filter_text(filter), session.rules_version(),
                 has_lives ? lives_.version() : 0, leaks_.version(), stacks.version())),
             "Summing up leaks",
             [=, group = group_, all = *stacks.value(), leaks = leaks_.share(),
              lives = has_lives ? lives_.share() : nullptr,
              path = suppression_path(session.path())](QueryContext& query) {
               Shown shown;
               shown.group = group;
               Suppressions rules = read_suppressions(query.database());
               try {
                 const Suppressions own = read_suppression_file(path);
                 for (const Suppression& rule : own.rules()) {
                   shown.own_rules.insert(rule.rule());
                   rules.add(rule);
                 }
               } catch (const Error& error) {
                 shown.remarks.push_back(
                     fmt::format("Suppressions are not used: {}", error.what()));
               }
               const FilterNames names = load_filter_names(query.database(), all);
               static const LeakLives kUnknown;
               const LeakLives& known = lives ? lives->lives : kUnknown;
               shown.table = make_leak_table(*leaks, *all, known,
                                             {group, filter, only_lives, &rules, &names});
               if (!known.problem.empty()) {
                 shown.remarks.push_back(fmt::format("Not used: {}", known.problem));
               }
               return shown;
             });
  return answer_is_there(shown_, shown_.value() != nullptr);
}

void LeaksPanel::draw(PanelContext& context) {
  if (!ask(context)) return;
  if (arranged_ != shown_.version()) arrange();
  draw_head(context);
  draw_remarks(context);
  draw_silenced(context);
  if (rows_.empty()) return draw_nothing(context);
  draw_table(context);
  draw_menu(context);
}

void LeaksPanel::arrange() {
  if (arranged_ != shown_.version()) {
    rows_.clear();
    for (const LeakRow& row : shown_.value()->table.rows) rows_.push_back(&row);
    arranged_ = shown_.version();
  }
  const auto less = [column = table_.sort_column()](const LeakRow* a, const LeakRow* b) {
    return leak_is_less(*a, *b, column);
  };
  if (table_.descending()) {
    std::ranges::stable_sort(rows_, [&](auto a, auto b) { return less(b, a); });
  } else {
    std::ranges::stable_sort(rows_, less);
  }
}

void LeaksPanel::draw_group_choice() {
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 8);
  const bool is_open = ImGui::BeginCombo("##leaks.group", group_title(group_));
  mark("leaks.group", leak_group_name(group_));
  if (!is_open) return;
  for (const LeakGroup group : kGroups) {
    if (ImGui::Selectable(group_title(group), group == group_)) group_ = group;
    mark(fmt::format("leaks.group.{}", leak_group_name(group)));
  }
  ImGui::EndCombo();
}

void LeaksPanel::draw_head(PanelContext& context) {
  const LeakTable& table = shown_.value()->table;
  heading(context.session.is_growing() ? "Live now" : "Leaks");
  ImGui::SameLine(0, scaled(16));
  draw_group_choice();
  ImGui::SameLine(0, scaled(16));
  ImGui::AlignTextToFramePadding();
  const std::string text = fmt::format(
      "{} in {} from {}", format_bytes(table.bytes), format_things(table.blocks, "block"),
      format_things(table.rows.size(), group_things(shown_.value()->group)));
  text_line(text);
  mark("leaks.total", text);
}

void LeaksPanel::draw_remarks(PanelContext& context) {
  const View& view = context.app.view();
  if (view.range) {
    const std::string text =
        fmt::format("Only what was allocated between {} and {}.",
                    format_time(view.range->begin), format_time(view.range->end));
    coloured_text(theme().warning, text);
    mark("leaks.range", text);
    ImGui::SameLine(0, scaled(8));
    if (link("The whole time", "leaks.whole_time")) {
      View next = view;
      next.range.reset();
      context.app.go(next);
    }
  }
  std::vector<std::string> remarks = shown_.value()->remarks;
  const LeakTable& table = shown_.value()->table;
  if (table.timeless_blocks > 0) {
    remarks.push_back(fmt::format(
        "Of {} more in {} it is not known when and by whom they were allocated: they are "
        "of pools, or of a process that did not end.",
        format_bytes(table.timeless_bytes),
        format_things(table.timeless_blocks, "block")));
  }
  const Filter filter = parse_filter(view.filter).filter;
  for (const FilterTerm& term : filter.terms) {
    if (term.field != FilterField::kPool && term.field != FilterField::kApi) continue;
    remarks.push_back(fmt::format(
        "{} is not asked of leaks: see the Allocations and Pools.", filter_text(term)));
  }
  memoir::draw_remarks("leaks", remarks);
}

// Never silent: how much, and by which rule.
void LeaksPanel::draw_silenced(PanelContext& context) {
  constexpr std::size_t kMostLines = 5;
  const Shown& shown = *shown_.value();
  SilencedLeaks rest;
  std::string rules;
  for (std::size_t i = 0; i < shown.table.silenced.size(); ++i) {
    const SilencedLeaks& silenced = shown.table.silenced[i];
    if (i >= kMostLines) {
      rest.blocks += silenced.blocks;
      rest.bytes += silenced.bytes;
      rules += silenced.rule + "\n";
      continue;
    }
    const bool is_own = shown.own_rules.contains(silenced.rule);
    const std::string figures =
        fmt::format("suppressed: {} in {}, by", format_bytes(silenced.bytes),
                    format_things(silenced.blocks, "block"));
    faint_text(figures);
    ImGui::SameLine(0, scaled(6));
    const float button = is_own ? ImGui::CalcTextSize("Show again").x + scaled(16) : 0;
    function_line(silenced.rule, ImGui::GetContentRegionAvail().x - button);
    mark_row("leaks.silenced", i, fmt::format("{} {}", figures, silenced.rule));
    if (!is_own) continue;
    ImGui::SameLine(0, scaled(8));
    if (!link("Show again", fmt::format("leaks.unsuppress.{}", i))) continue;
    try {
      const std::size_t colon = silenced.rule.find(':');
      remove_suppression(
          suppression_path(context.session.path()),
          {silenced.rule.substr(0, colon), silenced.rule.substr(colon + 1)});
      context.session.rules_changed();
    } catch (const Error& error) {
      context.app.notify(error.what(), true);
    }
  }
  if (rest.blocks == 0) return;
  const std::string text = fmt::format(
      "suppressed: {} in {}, by {} more rules", format_bytes(rest.bytes),
      format_things(rest.blocks, "block"), shown.table.silenced.size() - kMostLines);
  faint_text(text);
  tooltip(rules);
  mark("leaks.silenced.rest", text);
}

void LeaksPanel::draw_nothing(PanelContext& context) {
  const View& view = context.app.view();
  const LeakTable& table = shown_.value()->table;
  if (!view.filter.empty() || view.range) {
    empty_state(icon::kFilter, theme().faint_text,
                view.filter.empty() ? "Nothing of that time leaked"
                                    : "The filter takes none of the leaks",
                view.filter);
    ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2);
    if (ImGui::Button("Clear the filter and the range")) {
      context.app.perform(Command::kClearFilter);
    }
    mark("leaks.clear_filter");
    return;
  }
  if (!table.silenced.empty()) {
    return empty_state(icon::kGood, theme().good, "Nothing leaked but what is suppressed",
                       "The rules above silence all of it.");
  }
  empty_state(icon::kGood, theme().good, "Nothing leaked",
              "All that was allocated was freed. The summary says what held the most at "
              "the peak, and what was allocated most often.");
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
  const LeakGroup group = shown_.value()->group;
  const LeakCells cells(shown_.value()->table, group);
  const auto columns =
      leak_columns(shown_.value()->table, group, ImGui::GetContentRegionAvail().x);
  const Table::Events events = table_.draw(
      "leaks", columns, rows_.size(), selected, context.app,
      [&](std::size_t row, std::size_t column) { cells.draw(*rows_[row], column); },
      [this](std::size_t row) {
        return fmt::format("{} {}", rows_[row]->name, rows_[row]->bytes);
      });
  if (events.sort_changed) arrange();
  const std::optional<std::size_t> chosen = events.asked ? events.asked : events.selected;
  if (chosen) {
    selected_ = *chosen;
    View next = view;
    next.clear_selection();
    next.stack = rows_[*chosen]->heaviest_stack;
    next.function = rows_[*chosen]->function;
    context.app.change(next);
  }
  if (events.opened) {
    // Its blocks, one by one.
    View next = context.app.view();
    next.panel = PanelId::kAllocations;
    const std::string words =
        fmt::format("site:{} leaked", rows_[*events.opened]->heaviest_stack.value);
    next.filter += (next.filter.empty() ? "" : " ") + words;
    context.app.go(next);
  }
  if (events.asked) {
    menu_ = *rows_[*events.asked];
    ImGui::OpenPopup("leaks.menu");
  }
  if (selected && context.app.take(Command::kSuppress)) {
    suppress(pattern_of(*rows_[*selected], group), context);
  }
  if (context.app.take(Command::kExport)) {
    context.app.write_export("leaks.csv", leaks_as_csv(rows_));
  }
}

void LeaksPanel::draw_menu(PanelContext& context) {
  if (!ImGui::BeginPopup("leaks.menu")) return;
  const auto item = [&](const char* what, const std::string& pattern) {
    if (pattern.empty() || pattern == kNoCallStack) return;
    const std::string text =
        fmt::format("Suppress the {} {}", what, short_name(pattern, 60));
    if (ImGui::MenuItem(text.c_str())) suppress(pattern, context);
    mark(std::string("leaks.menu.") + what, pattern);
    tooltip(fmt::format("Writes leak:{} into {}", pattern,
                        suppression_path(context.session.path()).filename().string()));
  };
  if (menu_) {
    item("function", menu_->function);
    if (menu_->line != 0) item("line", fmt::format("{}:{}$", menu_->file, menu_->line));
    item("file", menu_->file);
    item("module", menu_->module);
  }
  ImGui::EndPopup();
}

// As a line of the file beside the trace, and for others in the clipboard.
void LeaksPanel::suppress(const std::string& pattern, PanelContext& context) {
  if (pattern.empty()) {
    return context.app.notify("Rules name functions, files or modules: group by these");
  }
  const std::filesystem::path path = suppression_path(context.session.path());
  const Suppression rule{"leak", pattern};
  try {
    add_suppression(path, rule);
    context.session.rules_changed();
    context.app.copy(rule.rule(), fmt::format("'{}', which is in {} now", rule.rule(),
                                              path.filename().string()));
  } catch (const Error& error) {
    context.app.notify(error.what(), true);
  }
}

}  // namespace memoir

#include "viewer/panels/sql_panel.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "analyze/table_output.h"
#include "analyze/units.h"
#include "trace/error.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr std::size_t kMostRows = 100'000;

struct Saved {
  const char* name;
  const char* sql;
};

constexpr std::array<Saved, 6> kSaved = {{
    {"leaks", "select class, blocks, bytes, function, file, line from leaks limit 100"},
    {"sites",
     "select function, file, line, api, allocations, allocated_bytes, peak_bytes, "
     "temporary\n"
     "from sites order by allocated_bytes desc limit 100"},
    {"faults",
     "select t, kind, count, message, function, file, line from faults order by t"},
    {"events",
     "select seq, t, kind, thread, printf('0x%x', address) as address, size, stack\n"
     "from events order by process, seq limit 1000"},
    {"sizes", "select * from size_hist"},
    {"timeline", "select * from timeline_1s"},
}};

}  // namespace

SqlPanel::Result SqlPanel::answer(QueryContext& query, const std::string& sql) {
  const auto begin = std::chrono::steady_clock::now();
  Result result;
  try {
    Statement rows = query.database().prepare(sql);
    if (rows.raw() == nullptr) return result;  // a comment, or nothing
    for (int i = 0; i < rows.columns(); ++i) {
      result.columns.emplace_back(rows.column_name(i));
      result.is_figure.push_back(true);
    }
    while (rows.step()) {
      if (result.rows.size() == kMostRows) {
        result.is_cut = true;
        break;
      }
      std::vector<std::string> row;
      for (int i = 0; i < rows.columns(); ++i) {
        const int type = sqlite3_column_type(rows.raw(), i);
        row.emplace_back(type == SQLITE_NULL ? "null"
                         : type == SQLITE_BLOB
                             ? fmt::format("({} bytes)", rows.blob(i).size())
                             : std::string(rows.text(i)));
        if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) {
          result.is_figure[static_cast<std::size_t>(i)] = false;
        }
      }
      result.rows.push_back(std::move(row));
    }
  } catch (const Error&) {
    if (query.stopped()) throw;
    result.problem = sqlite3_errmsg(query.database().raw());
  }
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

void SqlPanel::draw(PanelContext& context) {
  heading("SQL");
  for (const Saved& saved : kSaved) {
    ImGui::SameLine(0, scaled(14));
    if (link(saved.name, std::string("sql.saved.") + saved.name)) {
      text_ = saved.sql;
      asked_ = text_;
      ++runs_;
    }
  }
  ImGui::PushFont(fonts().mono);
  const bool entered = ImGui::InputTextMultiline(
      "##sql", &text_, {-1, ImGui::GetTextLineHeight() * 5},
      ImGuiInputTextFlags_CtrlEnterForNewLine | ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::PopFont();
  mark("sql.text", text_);
  const bool ran = ImGui::Button("Run");
  mark("sql.run");
  ImGui::SameLine();
  faint_text(
      "Enter runs it, Ctrl+Enter begins a line. Tables and views: docs/trace_schema.md");
  if (entered || ran) {
    asked_ = text_;
    ++runs_;
  }
  if (asked_.empty()) {
    empty_state(
        icon::kTerminal, theme().faint_text, "Ask anything",
        "Views: processes, sites, leaks, faults, pools, stack_frames, stack_text, "
        "marks, threads, timeline_1s; events and blocks, one row each.");
    return;
  }
  // The slow lane: a question may read every event.
  result_.ask(context.session.scanner(),
              context.session.key(fmt::format("{} {}", runs_, asked_)), "Running SQL",
              [sql = asked_](QueryContext& query) { return answer(query, sql); });
  if (!answer_is_there(result_, result_.value() != nullptr)) return;
  draw_result(*result_.value(), context);
}

void SqlPanel::draw_result(const Result& result, PanelContext& context) {
  if (!result.problem.empty()) {
    coloured_text(theme().warning, icon_text(icon::kWarning));
    ImGui::SameLine();
    text_line(result.problem);
    mark("sql.problem", result.problem);
    return;
  }
  const std::string count =
      fmt::format("{}{} in {}", format_things(result.rows.size(), "row"),
                  result.is_cut ? " (more were cut off)" : "",
                  format_duration(static_cast<std::uint64_t>(result.seconds * 1e9)));
  faint_text(count);
  mark("sql.count", count);
  if (result.columns.empty()) return;
  const auto columns = static_cast<int>(std::min<std::size_t>(result.columns.size(), 64));
  if (!ImGui::BeginTable(
          "result", columns,
          ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY |
              ImGuiTableFlags_Resizable | ImGuiTableFlags_BordersInnerV |
              ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
    return;
  }
  for (int i = 0; i < columns; ++i) {
    ImGui::TableSetupColumn(result.columns[static_cast<std::size_t>(i)].c_str());
  }
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableHeadersRow();
  ImGui::PushFont(fonts().mono);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(result.rows.size()));
  while (clipper.Step()) {
    for (int row = clipper.DisplayStart; row < clipper.DisplayEnd; ++row) {
      ImGui::TableNextRow();
      for (int i = 0; i < columns; ++i) {
        ImGui::TableNextColumn();
        const std::string& cell =
            result.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)];
        if (result.is_figure[static_cast<std::size_t>(i)]) {
          right_aligned(cell);
        } else {
          ImGui::TextUnformatted(shorten_middle(cell, 120).c_str());
          if (cell.size() > 120) tooltip(cell);
        }
        if (i == 0) mark_row("sql.row", static_cast<std::size_t>(row), cell);
      }
    }
  }
  clipper.End();
  ImGui::PopFont();
  ImGui::EndTable();
  if (context.app.take(Command::kExport)) {
    TableOutput table(TableFormat::kCsv, result.columns);
    for (const auto& row : result.rows) table.add({row.begin(), row.end()});
    context.app.write_export("query.csv", table.finish());
  }
}

}  // namespace memoir

#include "viewer/widgets/table.h"

#include <imgui.h>

#include <algorithm>

#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr ImGuiTableFlags kFlags =
    ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY | ImGuiTableFlags_Resizable |
    ImGuiTableFlags_Sortable | ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_Hideable |
    ImGuiTableFlags_Reorderable | ImGuiTableFlags_NoSavedSettings;

// What takes the rest of the room has at least so many letters: a table that is too
// narrow for that scrolls sideways.
constexpr float kLeastOfRest = 20;

float letter_width() {
  return fonts().mono->FallbackAdvanceX > 0 ? fonts().mono->GetCharAdvance('0')
                                            : ImGui::GetFontSize() / 2;
}

// Never narrower than its title and the arrow of sorting.
float width_of(const TableColumn& column) {
  const float title = ImGui::CalcTextSize(column.title).x + ImGui::GetFontSize();
  return std::max(column.width * letter_width(), title);
}

// Of all columns, where what takes the rest has the least it needs.
float least_width(std::span<const TableColumn> columns) {
  const float padding = ImGui::GetStyle().CellPadding.x * 2 + 1;
  float width = ImGui::GetStyle().ScrollbarSize;
  for (const TableColumn& column : columns) {
    width +=
        padding + (column.width == 0 ? kLeastOfRest * letter_width() : width_of(column));
  }
  return width;
}

void set_up(std::span<const TableColumn> columns, std::size_t sorted, bool descending) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ImGuiTableColumnFlags flags = columns[i].width == 0
                                      ? ImGuiTableColumnFlags_WidthStretch
                                      : ImGuiTableColumnFlags_WidthFixed;
    if (columns[i].is_figure) flags |= ImGuiTableColumnFlags_PreferSortDescending;
    if (i == sorted) {
      flags &= ~ImGuiTableColumnFlags_PreferSortDescending;
      flags |= ImGuiTableColumnFlags_DefaultSort;
      flags |= descending ? ImGuiTableColumnFlags_PreferSortDescending
                          : ImGuiTableColumnFlags_PreferSortAscending;
    }
    const float width = columns[i].width == 0 ? 0 : width_of(columns[i]);
    ImGui::TableSetupColumn(columns[i].title, flags, width);
  }
  ImGui::TableSetupScrollFreeze(0, 1);
}

void draw_titles(const char* name, std::span<const TableColumn> columns) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!ImGui::TableSetColumnIndex(static_cast<int>(i))) continue;
    ImGui::TableHeader(columns[i].title);
    if (*columns[i].tip != '\0') tooltip(columns[i].tip);
    if (marks_are_on()) mark(std::string(name) + ".title." + columns[i].title);
  }
}

// Where the keys lead from here.
std::optional<std::size_t> moved(App& app, std::optional<std::size_t> selected,
                                 std::size_t rows) {
  if (rows == 0) return std::nullopt;
  std::optional<std::size_t> to;
  if (app.take(Command::kRowDown)) to = selected ? *selected + 1 : 0;
  if (app.take(Command::kRowUp)) to = selected.value_or(0) > 0 ? *selected - 1 : 0;
  if (to) to = std::min(*to, rows - 1);
  return to;
}

}  // namespace

Table::Events Table::draw(const char* name, std::span<const TableColumn> columns,
                          std::size_t rows, std::optional<std::size_t> selected, App& app,
                          const std::function<void(std::size_t, std::size_t)>& cell,
                          const std::function<std::string(std::size_t)>& text) {
  Events events;
  const float least = least_width(columns);
  const bool is_narrow = ImGui::GetContentRegionAvail().x < least;
  const ImGuiTableFlags flags = kFlags | (is_narrow ? ImGuiTableFlags_ScrollX : 0);
  if (!ImGui::BeginTable(name, static_cast<int>(columns.size()), flags, {0, 0},
                         is_narrow ? least : 0)) {
    return events;
  }
  set_up(columns, sort_column_, descending_);
  draw_titles(name, columns);

  if (ImGuiTableSortSpecs* sort = ImGui::TableGetSortSpecs();
      sort != nullptr && sort->SpecsDirty && sort->SpecsCount > 0) {
    const auto column = static_cast<std::size_t>(sort->Specs->ColumnIndex);
    const bool down = sort->Specs->SortDirection == ImGuiSortDirection_Descending;
    events.sort_changed = column != sort_column_ || down != descending_;
    sort_column_ = column;
    descending_ = down;
    sort->SpecsDirty = false;
  }

  if (const auto to = moved(app, selected, rows)) {
    events.selected = selected = to;
    show_selected_ = true;
  }
  if (selected && *selected < rows && app.take(Command::kDrillIn)) {
    events.opened = selected;
  }

  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(rows));
  if (show_selected_ && selected && *selected < rows) {
    const int row = static_cast<int>(*selected);
    clipper.ForceDisplayRangeByIndices(row, row + 1);
  }
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const auto row = static_cast<std::size_t>(i);
      ImGui::TableNextRow();
      ImGui::TableSetColumnIndex(0);
      ImGui::PushID(i);
      const bool is_selected = selected == row;
      const float first_column = ImGui::GetContentRegionAvail().x;
      if (ImGui::Selectable("##row", is_selected,
                            ImGuiSelectableFlags_SpanAllColumns |
                                ImGuiSelectableFlags_AllowItemOverlap |
                                ImGuiSelectableFlags_AllowDoubleClick)) {
        events.selected = row;
        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) events.opened = row;
      }
      if (ImGui::IsItemClicked(ImGuiMouseButton_Right)) events.asked = row;
      if (marks_are_on() && ImGui::IsItemVisible()) {
        // The borders of columns, in the middle of a row, are not the row's.
        const ImVec2 min = ImGui::GetItemRectMin();
        mark_area(std::string(name) + ".row." + std::to_string(row), min,
                  {min.x + first_column, ImGui::GetItemRectMax().y},
                  text ? text(row) : "");
      }
      if (is_selected && show_selected_) {
        ImGui::SetScrollHereY(0.5f);
        show_selected_ = false;
      }
      ImGui::SameLine(0, 0);
      for (std::size_t column = 0; column < columns.size(); ++column) {
        if (column > 0 && !ImGui::TableSetColumnIndex(static_cast<int>(column))) continue;
        cell(row, column);
      }
      ImGui::PopID();
    }
  }
  clipper.End();
  ImGui::EndTable();
  return events;
}

}  // namespace memoir

#include "viewer/panels/leak_cells.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/table_output.h"
#include "analyze/units.h"
#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t {
  kName,
  kBytes,
  kBlocks,
  kAge,
  kCurve,
  kPlace,
  kAverage,
  kStacks,
  kClass
};
constexpr std::size_t kNarrow = 6;

constexpr std::array<TableColumn, 9> columns_of(const char* title, const char* tip) {
  return {{
      {title, 0, false, tip},
      {"Bytes", 13, true, "Never freed, and their share of all"},
      {"Blocks", 9, true, "How many of them"},
      {"Age", 9, true,
       "How old they were at the end, on average; rest the mouse on one for the first "
       "and "
       "the last"},
      {"Over time", 13, true,
       "How they piled up from the beginning of the trace to its end; sorted by the last "
       "of them"},
      {"Place", 22, false,
       "File and line; of the heaviest stack where there are several"},
      {"Average", 10, true, "Bytes of a block"},
      {"Stacks", 7, true, "Different call stacks that lead there"},
      {"Class", 10, false, "Whether something still points there"},
  }};
}
constexpr auto kFunctions = columns_of("Function", "Where the blocks were allocated");
constexpr auto kFiles = columns_of("File", "In which the blocks were allocated");
constexpr auto kModules = columns_of("Module", "In which the blocks were allocated");
constexpr auto kThreads = columns_of("Thread", "That allocated the blocks");

std::string place_of(const LeakRow& row) {
  return row.file.empty() ? row.module : fmt::format("{}:{}", row.file, row.line);
}

}  // namespace

std::span<const TableColumn> leak_columns(const LeakTable& table, LeakGroup group,
                                          float width) {
  const auto& columns = group == LeakGroup::kFile     ? kFiles
                        : group == LeakGroup::kModule ? kModules
                        : group == LeakGroup::kThread ? kThreads
                                                      : kFunctions;
  if (width <= ImGui::GetFontSize() * 66) return std::span(columns).first(kNarrow);
  const bool has_classes = std::ranges::any_of(
      table.rows, [](const LeakRow& row) { return row.leak_class != "unknown"; });
  return std::span(columns).first(has_classes ? columns.size() : columns.size() - 1);
}

bool leak_is_less(const LeakRow& a, const LeakRow& b, std::size_t column) {
  switch (column) {
    case kName:
      return a.name < b.name;
    case kBlocks:
      return a.blocks < b.blocks;
    case kAge:
      return a.average_age() < b.average_age();
    case kCurve:
      return a.life.last_t < b.life.last_t;
    case kPlace:
      return place_of(a) < place_of(b);
    case kAverage:
      return static_cast<unsigned __int128>(a.bytes) * b.blocks <
             static_cast<unsigned __int128>(b.bytes) * a.blocks;
    case kStacks:
      return a.stacks < b.stacks;
    case kClass:
      return a.leak_class < b.leak_class;
    default:
      return a.bytes < b.bytes;
  }
}

void LeakCells::draw(const LeakRow& row, std::size_t column) const {
  switch (column) {
    case kName:
      if (group_ == LeakGroup::kFile || group_ == LeakGroup::kModule) {
        return path_line(row.name);
      }
      if (group_ == LeakGroup::kThread) return text_line(row.name);
      ImGui::PushFont(fonts().mono);
      function_line(row.name);
      ImGui::PopFont();
      return;
    case kBytes: {
      const std::uint64_t total = std::max<std::uint64_t>(table_.bytes, 1);
      share_bar(static_cast<double>(row.bytes) / static_cast<double>(total),
                format_bytes(row.bytes), theme().leak);
      return tooltip(
          fmt::format("{} bytes, {} of all; {} of a block on average",
                      format_count(row.bytes), format_percent(row.bytes, total),
                      format_bytes(row.bytes / std::max<std::uint64_t>(row.blocks, 1))));
    }
    case kBlocks:
      right_aligned(format_count(row.blocks));
      return tooltip(fmt::format("{}, {} by class",
                                 format_things(row.stacks, "call stack"),
                                 row.leak_class.empty() ? "several" : row.leak_class));
    case kAge:
      return draw_age(row);
    case kCurve:
      return draw_curve(row);
    case kAverage:
      return right_aligned(
          format_bytes(row.bytes / std::max<std::uint64_t>(row.blocks, 1)));
    case kStacks:
      return right_aligned(format_count(row.stacks));
    case kClass:
      return text_line(row.leak_class.empty() ? "several" : row.leak_class);
    default:
      ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
      path_line(place_of(row));
      ImGui::PopStyleColor();
  }
}

void LeakCells::draw_age(const LeakRow& row) const {
  if (row.life.blocks == 0) {
    right_aligned("-", true);
    return tooltip("Known when the process has ended");
  }
  right_aligned(format_duration(static_cast<std::uint64_t>(row.average_age())));
  tooltip(fmt::format("first at {}\nlast at {}\n{} old at the end on average",
                      format_time(row.life.first_t), format_time(row.life.last_t),
                      format_duration(static_cast<std::uint64_t>(row.average_age()))));
}

void LeakCells::draw_curve(const LeakRow& row) const {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size = {ImGui::GetContentRegionAvail().x, ImGui::GetTextLineHeight()};
  ImGui::Dummy(size);
  if (row.life.bytes == 0) return;
  std::uint64_t sum = 0;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float step = size.x / static_cast<float>(kLeakPieces);
  for (std::size_t i = 0; i < kLeakPieces; ++i) {
    sum += row.life.made[i];
    if (sum == 0) continue;
    const float part = static_cast<float>(static_cast<double>(sum) /
                                          static_cast<double>(row.life.bytes));
    const float top = at.y + size.y - std::max(part * (size.y - 1), 1.0f);
    const float left = at.x + step * static_cast<float>(i);
    list.AddRectFilled({left, top}, {left + step, at.y + size.y},
                       with_alpha(theme().leak, 0.35f));
    list.AddRectFilled({left, top}, {left + step, top + 1}, theme().leak);
  }
  tooltip(fmt::format("{} from {} to {}", format_bytes(row.life.bytes),
                      format_time(row.life.first_t), format_time(row.life.last_t)));
}

std::string leaks_as_csv(std::span<const LeakRow* const> rows) {
  TableOutput table(TableFormat::kCsv,
                    {"name", "class", "blocks", "bytes", "function", "file", "line",
                     "module", "stacks", "first_t", "last_t", "average_age"});
  for (const LeakRow* row : rows) {
    const bool is_known = row->life.blocks > 0;
    table.add({text_cell(row->name), text_cell(row->leak_class), number_cell(row->blocks),
               number_cell(row->bytes), text_cell(row->function), text_cell(row->file),
               line_cell(row->line), text_cell(row->module), number_cell(row->stacks),
               is_known ? number_cell(row->life.first_t) : text_cell(""),
               is_known ? number_cell(row->life.last_t) : text_cell(""),
               is_known ? number_cell(static_cast<std::uint64_t>(row->average_age()))
                        : text_cell("")});
  }
  return table.finish();
}

}  // namespace memoir

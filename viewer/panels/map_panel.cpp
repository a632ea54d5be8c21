#include "viewer/panels/map_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr std::uint64_t kNearest = 256;  // bytes that the picture shows at least
constexpr float kCell = 7;               // pixels

enum Column : std::size_t {
  kBegin,
  kLength,
  kLive,
  kBlocks,
  kHoles,
  kLargest,
  kFragments
};
constexpr std::array<TableColumn, 7> kColumns = {{
    {"Region", 0, false, "Memory that lies together: where it begins, and what made it"},
    {"Length", 11, true, "From its first block to the end of its last"},
    {"Live", 18, true, "Bytes of blocks, and their share of the length"},
    {"Blocks", 10, true, "How many are live"},
    {"Holes", 12, true, "Free bytes between blocks"},
    {"Largest", 11, true, "The largest hole"},
    {"Scattered", 13, true,
     "The part of the holes that is not in the largest: fragmentation"},
}};

double part_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

ImU32 mixed(ImU32 from, ImU32 to, float part) {
  const ImVec4 a = as_vector(from), b = as_vector(to);
  const auto mix = [part](float x, float y) { return x + (y - x) * part; };
  return ImGui::ColorConvertFloat4ToU32(
      {mix(a.x, b.x), mix(a.y, b.y), mix(a.z, b.z), mix(a.w, b.w)});
}

}  // namespace

void MapPanel::forget() {
  map_.forget();
  seen_version_ = 0;
  cells_.clear();
  cells_of_ = {};
}

void MapPanel::ask(PanelContext& context, const BlockQuestion& question) {
  const std::optional<std::uint64_t> t = context.app.view().moment;
  map_.ask(context.session.worker(),
           context.session.key(fmt::format("map {} {}", question.process.value,
                                           t ? fmt::format("{}", *t) : "peak")),
           "Laying out the heap", [index = question.index, t](QueryContext& query) {
             const std::uint64_t moment =
                 t ? index->view().moment_at(*t) : index->view()->peak.moment;
             return std::shared_ptr<const HeapMap>(std::make_shared<HeapMap>(
                 HeapMap::make(*index, moment, kChunkEvents, query.job())));
           });
}

void MapPanel::draw(PanelContext& context) {
  const std::optional<BlockQuestion> question = ask_for_blocks(context);
  if (!question) return;
  ask(context, *question);
  if (!answer_is_there(map_, map_.value() != nullptr)) return;
  const HeapMap& map = **map_.value();
  if (seen_version_ != map_.version()) {
    // The moment changed: who looks at some memory looks at the same now.
    seen_version_ = map_.version();
    cells_.clear();
    if (region_ >= map.regions().size()) region_ = 0;
    const bool is_known =
        std::ranges::any_of(map.regions(), [&](const HeapRegion& region) {
          return region.begin < window_.end && window_.begin < region.end;
        });
    if (!is_known) whole_ = {};
  }
  draw_head(context);
  draw_block_question(context, *question, std::nullopt);
  if (map.regions().empty()) {
    return empty_state(icon::kMap, theme().faint_text, "Nothing was live",
                       "Choose another moment on the timeline.");
  }
  if (whole_ == Window{}) {
    // The largest region comes first.
    for (std::size_t i = 0; i < map.regions().size(); ++i) {
      if (map.regions()[i].live_bytes > map.regions()[region_].live_bytes) region_ = i;
    }
    const HeapRegion& region = map.regions()[region_];
    whole_ = window_ = {region.begin, std::max(region.end, region.begin + kNearest)};
    table_.show_selected();
  }
  const float room = ImGui::GetContentRegionAvail().y;
  if (regions_height_ == 0) {
    // Whole rows, and the titles.
    const float row = ImGui::GetTextLineHeight() + ImGui::GetStyle().CellPadding.y * 2;
    const auto rows =
        static_cast<float>(std::min<std::size_t>(map.regions().size(), 7) + 1);
    regions_height_ =
        row * std::max(2.0f, std::floor(std::min(room * 0.35f / row, rows)));
  }
  ImGui::BeginChild("regions", {0, regions_height_});
  draw_regions(context);
  ImGui::EndChild();
  horizontal_splitter("split.map", &regions_height_, room * 0.1f, room * 0.8f);
  draw_picture(context, *question);
}

void MapPanel::draw_head(PanelContext& context) {
  const HeapMap& map = **map_.value();
  heading("Address map");
  ImGui::SameLine(0, scaled(16));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + scaled(5));
  const std::string text =
      fmt::format("{} in {} at {}{}", format_bytes(map.live_bytes()),
                  format_things(map.blocks(), "block"), format_duration(map.t()),
                  context.app.view().moment ? "" : ", the peak");
  text_line(text);
  mark("map.total", text);
  faint_text("Colour");
  struct Choice {
    Colour colour;
    const char* name;
    const char* tip;
  };
  for (const Choice& choice :
       {Choice{Colour::kSite, "call site", "Each call stack has a colour of its own"},
        Choice{Colour::kAge, "age", "The younger its newest block, the brighter"},
        Choice{Colour::kFill, "fill", "The more of it is in use, the brighter"}}) {
    ImGui::SameLine();
    if (ImGui::RadioButton(choice.name, colour_ == choice.colour))
      colour_ = choice.colour;
    tooltip(choice.tip);
    mark(std::string("map.colour.") + choice.name);
  }
  ImGui::SameLine(0, scaled(24));
  ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
  text_line(
      "a frame: freed lately; the wheel goes nearer, dragging moves; a click on the "
      "timeline chooses another moment");
  ImGui::PopStyleColor();
}

void MapPanel::draw_regions(PanelContext& context) {
  const std::vector<HeapRegion>& regions = (*map_.value())->regions();
  std::vector<std::size_t> order(regions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto figure = [&](std::size_t i) {
    const HeapRegion& region = regions[i];
    switch (table_.sort_column()) {
      case kLength:
        return static_cast<double>(region.end - region.begin);
      case kLive:
        return static_cast<double>(region.live_bytes);
      case kBlocks:
        return static_cast<double>(region.blocks);
      case kHoles:
        return static_cast<double>(region.holes.bytes);
      case kLargest:
        return static_cast<double>(region.largest_hole);
      case kFragments:
        return region.fragmentation();
      default:
        return static_cast<double>(region.begin);
    }
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return table_.descending() ? figure(a) > figure(b) : figure(a) < figure(b);
  });
  std::optional<std::size_t> selected;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] == region_) selected = i;
  }
  const Table::Events events = table_.draw(
      "map.regions", kColumns, order.size(), selected, context.app,
      [&](std::size_t row, std::size_t column) {
        const HeapRegion& region = regions[order[row]];
        const std::uint64_t length = region.end - region.begin;
        switch (column) {
          case kBegin:
            ImGui::PushFont(fonts().mono);
            text_line(fmt::format("{:#x}{}", region.begin,
                                  region.mapping ? ", a mapping of the program's" : ""));
            return ImGui::PopFont();
          case kLength:
            return right_aligned(format_bytes(length));
          case kLive:
            return share_bar(part_of(region.live_bytes, length),
                             format_bytes(region.live_bytes), theme().live);
          case kBlocks:
            return right_aligned(format_count(region.blocks));
          case kHoles:
            return right_aligned(format_bytes(region.holes.bytes));
          case kLargest:
            return right_aligned(format_bytes(region.largest_hole));
          default:
            return right_aligned(fmt::format("{:.0f}%", region.fragmentation() * 100));
        }
      },
      [&](std::size_t row) { return fmt::format("{:#x}", regions[order[row]].begin); });
  if (!events.selected) return;
  region_ = order[*events.selected];
  const HeapRegion& region = regions[region_];
  whole_ = window_ = {region.begin, std::max(region.end, region.begin + kNearest)};
}

void MapPanel::show(const Window& window) {
  const std::uint64_t whole = whole_.end - whole_.begin;
  const std::uint64_t length =
      std::clamp(window.end - window.begin, std::min(kNearest, whole), whole);
  window_.begin = std::clamp(window.begin, whole_.begin, whole_.end - length);
  window_.end = window_.begin + length;
}

std::uint64_t MapPanel::address_at(ImVec2 at, ImVec2 mouse) const {
  const float cell = scaled(kCell);
  const auto column = std::min(
      static_cast<std::size_t>(std::max(0.0f, (mouse.x - at.x) / cell)), across_ - 1);
  const auto row = std::min(
      static_cast<std::size_t>(std::max(0.0f, (mouse.y - at.y) / cell)), down_ - 1);
  const std::size_t i = row * across_ + column;
  return window_.begin + static_cast<std::uint64_t>(
                             static_cast<unsigned __int128>(window_.end - window_.begin) *
                             i / (across_ * down_));
}

ImU32 MapPanel::colour_of(const HeapCell& cell, std::uint64_t bytes) const {
  const Theme& now = theme();
  if (cell.live_bytes == 0) return now.border;
  const auto fill = static_cast<float>(std::min(1.0, part_of(cell.live_bytes, bytes)));
  switch (colour_) {
    case Colour::kSite:
      return with_alpha(now.category(cell.stack), 0.35f + 0.65f * fill);
    case Colour::kAge: {
      const HeapMap& map = **map_.value();
      const auto age =
          static_cast<float>(part_of(map.t() - std::min(map.t(), cell.newest_t),
                                     std::max<std::uint64_t>(map.t(), 1)));
      return mixed(now.accent, with_alpha(now.accent, 0.15f), std::sqrt(age));
    }
    default:
      return mixed(with_alpha(now.live, 0.15f), now.live, fill);
  }
}

void MapPanel::draw_picture(PanelContext& context, const BlockQuestion& question) {
  const HeapMap& map = **map_.value();
  const float side = scaled(250);
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float cell = scaled(kCell);
  const bool has_side = room.x > side * 2.5f;
  const float width = room.x - (has_side ? side : 0) - scaled(8), height = room.y - line;
  if (width < cell * 4 || height < cell * 2) return;
  const auto across = static_cast<std::size_t>(width / cell);
  const auto down = static_cast<std::size_t>(height / cell);
  if (cells_.empty() || across != across_ || down != down_ || !(cells_of_ == window_)) {
    across_ = across;
    down_ = down;
    cells_of_ = window_;
    cells_ = map.cells(window_.begin, window_.end, across * down);
  }
  const std::uint64_t bytes =
      std::max<std::uint64_t>((window_.end - window_.begin) / (across * down), 1);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // Neighbours of one colour are drawn together.
  for (std::size_t row = 0; row < down; ++row) {
    for (std::size_t begin = 0; begin < across;) {
      const HeapCell& first = cells_[row * across + begin];
      const ImU32 colour = colour_of(first, bytes);
      std::size_t end = begin + 1;
      while (end < across && colour_of(cells_[row * across + end], bytes) == colour &&
             (cells_[row * across + end].freed_t != 0) == (first.freed_t != 0)) {
        ++end;
      }
      const ImVec2 min = {at.x + cell * static_cast<float>(begin),
                          at.y + cell * static_cast<float>(row)};
      const ImVec2 max = {at.x + cell * static_cast<float>(end) - 1, min.y + cell - 1};
      list.AddRectFilled(min, max, colour);
      if (first.freed_t != 0) list.AddRect(min, max, with_alpha(theme().warning, 0.55f));
      begin = end;
    }
  }
  move_by_mouse(context, question, at,
                {cell * static_cast<float>(across), cell * static_cast<float>(down)});
  ImGui::SetCursorScreenPos({at.x, at.y + cell * static_cast<float>(down) + scaled(2)});
  faint_text(fmt::format("{:#x} to {:#x}, {}: {} a cell", window_.begin, window_.end,
                         format_bytes(window_.end - window_.begin), format_bytes(bytes)));
  mark("map.window", fmt::format("{} {}", window_.begin, window_.end));
  if (!has_side || region_ >= map.regions().size()) return;
  ImGui::SetCursorScreenPos({at.x + width + scaled(8), at.y});
  ImGui::BeginChild("holes");
  draw_holes(map.regions()[region_]);
  ImGui::EndChild();
}

void MapPanel::move_by_mouse(PanelContext& context, const BlockQuestion& question,
                             ImVec2 at, ImVec2 size) {
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("memory", size);
  mark("map.memory");
  const ImGuiIO& io = ImGui::GetIO();
  const std::uint64_t address = address_at(at, io.MousePos);
  const double length = static_cast<double>(window_.end - window_.begin);
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left)) {
    const double moved =
        -io.MouseDelta.y / scaled(kCell) / static_cast<double>(down_) * length;
    const double begin = std::max(0.0, static_cast<double>(window_.begin) + moved);
    return show(
        {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(begin + length)});
  }
  const bool zooms = ImGui::IsItemHovered() && io.MouseWheel != 0;
  if (zooms) {
    const double wanted = length / std::pow(1.5, io.MouseWheel);
    const double left = part_of(address - window_.begin, window_.end - window_.begin);
    const double begin = std::max(0.0, static_cast<double>(address) - wanted * left);
    return show(
        {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(begin + wanted)});
  }
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    return show(whole_);
  }
  if (!ImGui::IsItemHovered()) return;
  const HeapMap& map = **map_.value();
  // The cell may begin before the block that one sees in it.
  std::optional<TracedBlock> block = map.block_at(address);
  if (!block) {
    const auto next = map.around(address, 1);
    const std::uint64_t cell =
        std::max<std::uint64_t>((window_.end - window_.begin) / (across_ * down_), 1);
    if (!next.empty() && next.back().address >= address &&
        next.back().address - address < cell) {
      block = next.back();
    }
  }
  if (!block) return tooltip(fmt::format("{:#x}: free", address));
  tooltip(fmt::format("{:#x}: {} for {}\n{}", block->address, format_bytes(block->size),
                      format_duration(map.t() - std::min(map.t(), block->t)),
                      function_of(*question.stacks, block->stack)));
  if (!ImGui::IsMouseReleased(ImGuiMouseButton_Left)) return;
  View next = context.app.view();
  next.clear_selection();
  next.stack = {block->stack};
  next.address = block->address;
  context.app.change(next);
}

void MapPanel::draw_holes(const HeapRegion& region) {
  separator_with("Holes of this region");
  if (region.holes.count == 0) return faint_text("It has none.");
  text_line(fmt::format("{} in {}", format_bytes(region.holes.bytes),
                        format_things(region.holes.count, "hole")));
  mark("map.holes", fmt::format("{} {}", region.holes.count, region.holes.bytes));
  std::uint64_t most = 0;
  for (const HeapRegion::Holes& holes : region.by_size)
    most = std::max(most, holes.bytes);
  for (std::size_t i = 0; i < region.by_size.size(); ++i) {
    const HeapRegion::Holes& holes = region.by_size[i];
    if (holes.count == 0) continue;
    const bool is_last = i + 1 == region.by_size.size();
    faint_text(fmt::format("{}{}", format_bytes(std::uint64_t{1} << (i - 1)),
                           is_last ? "+" : ""));
    ImGui::SameLine(scaled(80));
    share_bar(part_of(holes.bytes, most),
              fmt::format("{} x {}", format_count(holes.count),
                          format_bytes(holes.bytes / holes.count)),
              theme().shrunk);
  }
}

}  // namespace memoir

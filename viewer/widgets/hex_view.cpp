#include "viewer/widgets/hex_view.h"

#include <fmt/format.h>
#include <imgui.h>

#include <string>

#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr std::uint64_t kLine = 16;

ImU32 colour_of(const HexView& view, std::uint64_t address) {
  if (address - view.marked < view.marked_bytes) return theme().fault;
  if (address >= view.block && address < view.block_end) return theme().text;
  return theme().faint_text;
}

void draw_byte(const HexView& view, std::uint64_t address, ImVec2 at, float letter) {
  const std::uint8_t byte = view.bytes[address - view.address];
  const ImU32 colour = colour_of(view, address);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float height = ImGui::GetTextLineHeight();
  if (colour == theme().fault) {
    list->AddRectFilled({at.x - letter * 0.4f, at.y}, {at.x + letter * 2.4f, at.y + height},
                        with_alpha(theme().fault, 0.22f));
  }
  list->AddText(at, colour, fmt::format("{:02x}", byte).c_str());
  // A bar where the block begins, and where it ends.
  if (view.block_end != 0 && (address == view.block || address == view.block_end)) {
    list->AddLine({at.x - letter * 0.5f, at.y}, {at.x - letter * 0.5f, at.y + height},
                  theme().accent, scaled(2));
  }
}

}  // namespace

void draw_hex(const char* mark_name, const HexView& view) {
  ImGui::PushFont(fonts().mono);
  const float letter = ImGui::CalcTextSize("0").x;
  const std::uint64_t end = view.address + view.bytes.size();
  std::size_t row = 0;
  for (std::uint64_t line = view.address & ~(kLine - 1); line < end; line += kLine) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    faint_text(fmt::format("{:012x}", line));
    mark_row(mark_name, row++);
    std::string text;
    for (std::uint64_t i = 0; i < kLine; ++i) {
      const std::uint64_t address = line + i;
      if (address < view.address || address >= end) {
        text += ' ';
        continue;
      }
      const float gap = i >= kLine / 2 ? letter : 0;
      draw_byte(view, address,
                {at.x + letter * (14 + 3 * static_cast<float>(i)) + gap, at.y}, letter);
      const std::uint8_t byte = view.bytes[address - view.address];
      text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    ImGui::GetWindowDrawList()->AddText({at.x + letter * 65, at.y}, theme().faint_text,
                                        text.c_str());
  }
  ImGui::PopFont();
  faint_text("red: what was used or damaged; bars: where the block begins and ends");
}

}  // namespace memoir

#include "viewer/welcome.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <imgui.h>
#include <sys/stat.h>

#include <ctime>

#include "analyze/units.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr const char* kRecord = "memoir run -- ./program its arguments";

std::optional<std::filesystem::path> draw_recent(Settings& settings) {
  std::optional<std::filesystem::path> chosen;
  std::string forget;
  for (std::size_t i = 0; i < settings.recent.size(); ++i) {
    const std::filesystem::path path = settings.recent[i];
    ImGui::PushID(static_cast<int>(i));
    struct stat file{};
    const bool is_there = stat(path.c_str(), &file) == 0;
    if (is_there) {
      if (link(path.filename().string())) chosen = path;
    } else {
      faint_text(path.filename().string());
    }
    mark_row("recent", i, path.string());
    ImGui::SameLine(scaled(260));
    const std::string details =
        is_there ? fmt::format("{:>10}   {:%Y-%m-%d %H:%M}", format_bytes(static_cast<std::uint64_t>(file.st_size)),
                               fmt::localtime(file.st_mtime))
                 : std::string("missing");
    ImGui::PushFont(fonts().mono);
    faint_text(details);
    ImGui::PopFont();
    ImGui::SameLine(0, scaled(20));
    ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
    path_line(path.parent_path().string(), ImGui::GetContentRegionAvail().x - scaled(40));
    ImGui::PopStyleColor();
    ImGui::SameLine(ImGui::GetContentRegionAvail().x - scaled(10));
    if (link(icon_text(icon::kClose))) forget = settings.recent[i];
    tooltip("Take it off this list");
    ImGui::PopID();
  }
  if (!forget.empty()) std::erase(settings.recent, forget);
  return chosen;
}

}  // namespace

std::optional<std::filesystem::path> draw_welcome(Settings& settings) {
  std::optional<std::filesystem::path> chosen;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float width = std::min(room.x, scaled(860));
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + (room.x - width) / 2);
  ImGui::BeginChild("welcome", {width, room.y - scaled(30)});
  ImGui::Dummy({0, room.y * 0.08f});
  heading("Memoir");
  faint_text("What a program does with its memory: what leaked, what went wrong, where, and why.");
  ImGui::Dummy({0, scaled(18)});

  separator_with("Record a program");
  ImGui::PushFont(fonts().mono);
  ImGui::TextUnformatted(kRecord);
  mark("welcome.command", kRecord);
  ImGui::PopFont();
  ImGui::SameLine(0, scaled(16));
  if (link("copy", "welcome.copy")) ImGui::SetClipboardText(kRecord);
  faint_text("writes program.PID.memoir, which can be opened while the program still runs; "
             "--mode check also finds memory errors.");
  ImGui::Dummy({0, scaled(18)});

  separator_with("Recent traces");
  if (settings.recent.empty()) {
    faint_text("None yet. Ctrl+O opens one; files can also be dropped here, two of them to "
               "be compared.");
    mark("welcome.none");
  } else {
    chosen = draw_recent(settings);
  }
  ImGui::EndChild();
  return chosen;
}

}  // namespace memoir

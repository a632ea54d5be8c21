#include "viewer/file_dialog.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "analyze/units.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr const char* kTitle = "Open a trace";

// "~/x" as shells have it.
std::filesystem::path expand_home(const std::string& typed) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && (typed == "~" || typed.starts_with("~/"))) {
    return home + typed.substr(1);
  }
  return typed;
}

}  // namespace

void FileDialog::open(const std::filesystem::path& folder) {
  std::error_code ignored;
  is_open_ = just_opened_ = true;
  go(std::filesystem::is_directory(folder, ignored)
         ? folder
         : std::filesystem::current_path(ignored));
}

void FileDialog::go(const std::filesystem::path& folder) {
  std::error_code error;
  problem_.clear();
  entries_.clear();
  selected_ = -1;
  folder_ = std::filesystem::absolute(folder, error).lexically_normal();
  typed_ = folder_.string();
  for (std::filesystem::directory_iterator file(folder_, error), end;
       !error && file != end; file.increment(error)) {
    const std::string name = file->path().filename().string();
    struct stat found{};
    if (stat(file->path().c_str(), &found) != 0) continue;
    const bool is_folder = S_ISDIR(found.st_mode);
    const bool is_trace = file->path().extension() == ".memoir";
    if (name.starts_with('.') || (!is_folder && !is_trace && !all_files_)) continue;
    entries_.push_back({file->path(), name, is_folder,
                        static_cast<std::uint64_t>(found.st_size), found.st_mtime});
  }
  if (error) problem_ = folder_.string() + ": " + error.message();
  // Folders by name, then the newest traces.
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    if (a.is_folder != b.is_folder) return a.is_folder;
    if (!a.is_folder && a.modified != b.modified) return a.modified > b.modified;
    return a.name < b.name;
  });
}

std::vector<std::filesystem::path> FileDialog::draw(Settings& settings) {
  std::vector<std::filesystem::path> chosen;
  if (!is_open_) return chosen;
  if (just_opened_) ImGui::OpenPopup(kTitle);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({display.x / 2, display.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({std::min(display.x * 0.9f, scaled(760)),
                            std::min(display.y * 0.9f, scaled(520))});
  if (!ImGui::BeginPopupModal(kTitle, &is_open_,
                              ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings)) {
    is_open_ = false;
    return chosen;
  }
  if (icon_button(icon::kUp, "##up", "The folder above")) go(folder_.parent_path());
  mark("dialog.up");
  ImGui::SameLine();
  ImGui::SetNextItemWidth(-scaled(120));
  if (just_opened_) ImGui::SetKeyboardFocusHere();
  just_opened_ = false;
  if (ImGui::InputText("##path", &typed_, ImGuiInputTextFlags_EnterReturnsTrue)) {
    const std::filesystem::path path = expand_home(typed_);
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      go(path);
    } else if (std::filesystem::exists(path, ignored)) {
      chosen.push_back(path);
    } else {
      problem_ = path.string() + ": no such file";
    }
  }
  mark("dialog.path", typed_);
  ImGui::SameLine();
  if (ImGui::Checkbox("all files", &all_files_)) go(folder_);
  mark("dialog.all");
  if (!problem_.empty()) coloured_text(theme().warning, problem_);
  draw_entries(chosen);

  const bool can_open = selected_ >= 0;
  ImGui::BeginDisabled(!can_open);
  if (ImGui::Button("Open") && can_open) {
    const Entry entry = entries_[static_cast<std::size_t>(selected_)];
    entry.is_folder ? go(entry.path) : chosen.push_back(entry.path);
  }
  mark("dialog.open");
  ImGui::EndDisabled();
  ImGui::SameLine();
  const bool escaped = ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false);
  if (ImGui::Button("Cancel") || escaped) is_open_ = false;
  mark("dialog.cancel");
  if (!chosen.empty()) {
    is_open_ = false;
    settings.folder = folder_.string();
  }
  if (!is_open_) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return chosen;
}

void FileDialog::draw_entries(std::vector<std::filesystem::path>& chosen) {
  std::filesystem::path into;
  ImGui::BeginChild("entries", {0, -ImGui::GetFrameHeightWithSpacing()}, true);
  if (entries_.empty() && problem_.empty()) {
    faint_text("No folders and no *.memoir files here.");
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    ImGui::PushID(static_cast<int>(i));
    const std::string label = fmt::format(
        "{}  {}", icon_text(entry.is_folder ? icon::kFolder : icon::kFile), entry.name);
    if (ImGui::Selectable(label.c_str(), selected_ == static_cast<int>(i),
                          ImGuiSelectableFlags_AllowDoubleClick |
                              ImGuiSelectableFlags_DontClosePopups)) {
      selected_ = static_cast<int>(i);
      if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
        entry.is_folder ? void(into = entry.path) : chosen.push_back(entry.path);
      }
    }
    mark_row("dialog.entry", i, entry.name);
    if (!entry.is_folder) {
      const std::time_t time = entry.modified;
      const std::string details = fmt::format(
          "{}   {:%Y-%m-%d %H:%M}", format_bytes(entry.bytes), fmt::localtime(time));
      ImGui::SameLine(ImGui::GetContentRegionAvail().x -
                      ImGui::CalcTextSize(details.c_str()).x);
      faint_text(details);
    }
    ImGui::PopID();
  }
  ImGui::EndChild();
  if (!into.empty()) go(into);
}

}  // namespace memoir

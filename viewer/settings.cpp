#include "viewer/settings.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace memoir {
namespace {

constexpr std::size_t kMostRecent = 12;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

void Settings::add_recent(const std::filesystem::path& trace) {
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(trace, ignored).string();
  std::erase(recent, absolute);
  recent.insert(recent.begin(), absolute);
  if (recent.size() > kMostRecent) recent.resize(kMostRecent);
}

std::filesystem::path settings_path() {
  if (const std::string xdg = variable("XDG_CONFIG_HOME"); !xdg.empty()) {
    return std::filesystem::path(xdg) / "memoir" / "viewer.json";
  }
  if (const std::string home = variable("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".config" / "memoir" / "viewer.json";
  }
  return {};
}

Settings read_settings(const std::filesystem::path& path) {
  Settings settings;
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  if (!json.is_object()) return settings;
  try {
    settings.theme =
        json.value("theme", "dark") == "light" ? ThemeKind::kLight : ThemeKind::kDark;
    settings.scale = std::clamp(json.value("scale", 1.0f), 0.5f, 4.0f);
    settings.timeline_height = std::clamp(json.value("timeline_height", 150.0f), 60.0f,
                                          600.0f);
    settings.details_width = std::clamp(json.value("details_width", 0.42f), 0.15f, 0.8f);
    settings.details_are_open = json.value("details_are_open", true);
    settings.recent = json.value("recent", std::vector<std::string>());
    settings.folder = json.value("folder", "");
  } catch (const nlohmann::json::exception&) {
    return {};  // of another make
  }
  return settings;
}

void write_settings(const Settings& settings, const std::filesystem::path& path) {
  if (path.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  const nlohmann::json json = {
      {"theme", settings.theme == ThemeKind::kLight ? "light" : "dark"},
      {"scale", settings.scale},
      {"timeline_height", settings.timeline_height},
      {"details_width", settings.details_width},
      {"details_are_open", settings.details_are_open},
      {"recent", settings.recent},
      {"folder", settings.folder},
  };
  // Whole or not at all: two viewers may end at the same time.
  std::filesystem::path made = path;
  made += ".new";
  if (!(std::ofstream(made) << json.dump(2) << '\n')) return;
  std::filesystem::rename(made, path, ignored);
}

}  // namespace memoir

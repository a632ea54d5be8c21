#include "viewer/app.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "trace/error.h"
#include "viewer/details_pane.h"
#include "viewer/file_dialog.h"
#include "viewer/filter_box.h"
#include "viewer/no_effect.h"
#include "viewer/palette.h"
#include "viewer/soft_renderer.h"
#include "viewer/timeline_pane.h"

namespace memoir {
namespace {

constexpr double kNoticeSeconds = 6;
constexpr float kScaleStep = 1.1f, kLeastScale = 0.5f, kMostScale = 4;

}  // namespace

App::App(AppOptions options)
    : options_(std::move(options)),
      settings_(options_.keep_settings ? read_settings(settings_path()) : Settings()),
      display_scale_(options_.scale),
      timeline_(std::make_unique<TimelinePane>()),
      details_(std::make_unique<DetailsPane>()),
      dialog_(std::make_unique<FileDialog>()),
      filter_box_(std::make_unique<FilterBox>()),
      palette_(std::make_unique<Palette>()) {
  for (const PanelRow& row : all_panels()) panels_.push_back(make_panel(row.id));
  prepare_frame();
}

App::~App() {
  if (options_.keep_settings) write_settings(settings_, settings_path());
}

bool App::prepare_frame() {
  if (!std::exchange(fonts_are_stale_, false)) return false;
  const float scale = display_scale_ * settings_.scale;
  load_fonts(scale, options_.plain_fonts);
  apply_theme(settings_.theme, scale);
  return true;
}

void App::set_scale(float display_scale) {
  fonts_are_stale_ |= display_scale != display_scale_;
  display_scale_ = display_scale;
}

void App::open(const std::filesystem::path& path) {
  close();
  session_ = std::make_unique<TraceSession>(path, options_.wake);
  settings_.add_recent(path);
}

void App::open_to_compare(const std::filesystem::path& path) {
  if (!session_) return open(path);
  other_session_ = std::make_unique<TraceSession>(path, options_.wake);
  settings_.add_recent(path);
}

void App::open_files(const std::vector<std::filesystem::path>& paths) {
  if (paths.empty()) return;
  open(paths[0]);
  if (paths.size() > 1) open_to_compare(paths[1]);
  if (paths.size() > 2) {
    notify(fmt::format("two traces can be compared; {} were left out", paths.size() - 2));
  }
}

void App::close() {
  for (const auto& panel : panels_) panel->forget();
  timeline_->forget();
  details_->forget();
  history_.clear();
  filter_box_->forget();
  other_session_.reset();
  session_.reset();
}

void App::go(PanelId panel) {
  View next = view();
  next.panel = panel;
  go(next);
}

void App::notify(const std::string& text, bool is_error) {
  log_.push_back({text, is_error});
  notice_until_ = ImGui::GetTime() + kNoticeSeconds;
}

void App::copy(const std::string& text, const std::string& what) {
  ImGui::SetClipboardText(text.c_str());
  notify("copied " + what);
}

namespace {

// In the folder where the viewer was started; what is there is kept.
std::filesystem::path export_path(const std::filesystem::path& name) {
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::current_path(ignored) / name;
  for (int i = 2; std::filesystem::exists(path, ignored); ++i) {
    path.replace_filename(
        fmt::format("{}-{}{}", name.stem().string(), i, name.extension().string()));
  }
  return path;
}

}  // namespace

void App::write_export(const std::string& name, const std::string& text) {
  const std::filesystem::path path = export_path(name);
  std::ofstream file(path);
  if (file << text && file.flush()) {
    notify("wrote " + path.string());
  } else {
    notify(path.string() + ": cannot be written", true);
  }
}

void App::finish_frame() {
  if (!std::exchange(picture_is_wanted_, false)) return;
  const std::filesystem::path path = export_path(
      fmt::format("{}.png", session_ ? panel_row(view().panel).name : "memoir"));
  try {
    write_png(render_image(*ImGui::GetDrawData(), theme().background), path);
    notify("wrote " + path.string());
  } catch (const Error& error) {
    notify(error.what(), true);
  }
}

bool App::take(Command command) {
  const auto found = std::ranges::find(commands_, command);
  if (found == commands_.end()) return false;
  commands_.erase(found);
  return true;
}

bool App::press(const KeyChord& chord, bool is_typing) {
  const std::optional<Command> command = command_of(chord);
  if (!command || (is_typing && !chord.works_while_typing())) return false;
  // What is open over the panels has the keys that move.
  const bool is_covered = palette_->is_open() || dialog_->is_open();
  if (is_covered && !chord.works_while_typing()) return false;
  perform(*command);
  return true;
}

void App::perform(Command command) {
  const auto first = static_cast<int>(Command::kPanel1);
  const auto number = static_cast<int>(command) - first;
  const auto count = static_cast<int>(all_panels().size());
  if (number >= 0 && number < 9) {
    if (!session_ || number >= count) return say_no_effect(command);
    return go(static_cast<PanelId>(number));
  }
  const int panel = static_cast<int>(view().panel);
  switch (command) {
    case Command::kOpen:
    case Command::kOpenToCompare:
      dialog_compares_ = command == Command::kOpenToCompare && session_ != nullptr;
      return dialog_->open(settings_.folder);
    case Command::kReload:
      if (!session_) return say_no_effect(command);
      session_->reload();
      if (other_session_) other_session_->reload();
      return;
    case Command::kClose:
      return session_ ? close() : say_no_effect(command);
    case Command::kQuit:
      quit_ = true;
      return;
    case Command::kPalette:
      return palette_->open();
    case Command::kFilter:
      return session_ ? focus_filter() : say_no_effect(command);
    case Command::kClearFilter: {
      View next = view();
      next.filter.clear();
      next.range.reset();
      next.process.reset();
      return next == view() ? say_no_effect(command) : go(next);
    }
    case Command::kBack:
      return history_.can_go_back() ? history_.back() : say_no_effect(command);
    case Command::kForward:
      return history_.can_go_forward() ? history_.forward() : say_no_effect(command);
    case Command::kNextPanel:
    case Command::kPreviousPanel:
      if (!session_) return say_no_effect(command);
      return go(static_cast<PanelId>(
          (panel + (command == Command::kNextPanel ? 1 : count - 1)) % count));
    case Command::kPauseFollowing:
    case Command::kFollow: {
      const bool follows = session_ && session_->is_following();
      const bool wanted = command == Command::kFollow || !follows;
      if (!session_ || !session_->is_growing() || wanted == follows) {
        return say_no_effect(command);
      }
      return session_->set_following(wanted);
    }
    default:
      return perform_view_command(command);
  }
}

void App::perform_view_command(Command command) {
  switch (command) {
    case Command::kLarger:
    case Command::kSmaller:
    case Command::kNormalSize: {
      const float before = settings_.scale;
      settings_.scale = command == Command::kNormalSize ? 1
                        : command == Command::kLarger   ? settings_.scale * kScaleStep
                                                        : settings_.scale / kScaleStep;
      settings_.scale = std::clamp(settings_.scale, kLeastScale, kMostScale);
      if (settings_.scale == before && command != Command::kNormalSize) {
        return say_no_effect(command);
      }
      fonts_are_stale_ = true;
      return;
    }
    case Command::kTheme:
      settings_.theme =
          settings_.theme == ThemeKind::kDark ? ThemeKind::kLight : ThemeKind::kDark;
      fonts_are_stale_ = true;
      return;
    case Command::kDetails:
      settings_.details_are_open = !settings_.details_are_open;
      return;
    case Command::kSavePicture:
      picture_is_wanted_ = true;
      return;
    case Command::kFullScreen:
      full_screen_ = !full_screen_;
      return;
    case Command::kHelp:
      help_is_open_ = !help_is_open_;
      return;
    default:
      commands_.push_back(command);  // for the panel or the timeline
  }
}

void App::say_no_effect(Command command) { notify(why_no_effect(command, *this)); }

bool App::is_idle() const {
  const auto is_busy = [](const std::unique_ptr<TraceSession>& session) {
    return session &&
           (session->worker().queries().size() + session->scanner().queries().size() >
                0 ||
            (!session->facts() && session->error().empty()));
  };
  return !is_busy(session_) && !is_busy(other_session_) &&
         std::ranges::none_of(panels_,
                              [](const auto& panel) { return panel->is_waiting(); }) &&
         !timeline_->is_waiting() && !details_->is_waiting() &&
         !filter_box_->is_waiting();
}

bool App::is_animated() const { return !is_idle() || ImGui::GetTime() < notice_until_; }

}  // namespace memoir

#pragma once

// The viewer without a window: everything that is drawn, and what keys do. A window or a
// driver gives it frames and keys.
//
//   keys ──► App::press ──► Command ──► View (one for all panels) ──► panels draw it
//
// Thread safety: the thread that draws; workers only call what was given as `wake`.

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "viewer/commands.h"
#include "viewer/panel.h"
#include "viewer/settings.h"
#include "viewer/theme.h"
#include "viewer/trace_session.h"
#include "viewer/view.h"

namespace memoir {

class DetailsPane;
class FileDialog;
class FilterBox;
class Palette;
class TimelinePane;

struct AppOptions {
  bool plain_fonts = false;  // ImGui's own, for pictures that must be the same everywhere
  bool keep_settings = true;  // read and write files of the user
  float scale = 1;            // pixels of the display in one of ours
  std::function<void()> wake = [] {};
};

struct LogEntry {
  std::string text;
  bool is_error = false;
};

class App {
 public:
  // Needs a current ImGui context; makes its fonts and style.
  explicit App(AppOptions options);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Between ImGui::NewFrame() and ImGui::Render().
  void draw();
  // Before ImGui::NewFrame(): makes the fonts anew when their size changed. True when the
  // texture of the fonts must be made again.
  bool prepare_frame();

  // After ImGui::Render(): writes the picture that was asked for, if one was.
  void finish_frame();

  // A key went down. False when it means nothing here.
  bool press(const KeyChord& chord, bool is_typing);
  void perform(Command command);

  void open(const std::filesystem::path& path);
  void open_to_compare(const std::filesystem::path& path);
  // Dropped on the window, or named by a dialog: one is opened, two are compared.
  void open_files(const std::vector<std::filesystem::path>& paths);
  void close();

  TraceSession* session() { return session_.get(); }
  TraceSession* other_session() const { return other_session_.get(); }

  const View& view() const { return history_.current(); }
  // A step of the history.
  void go(const View& view) { history_.go(view); }
  void go(PanelId panel);
  // No step of its own, like a selection that moves by keys.
  void change(const View& view) { history_.replace(view); }
  ViewHistory& history() { return history_; }

  Settings& settings() { return settings_; }
  TimelinePane& timeline() { return *timeline_; }
  void set_scale(float display_scale);

  // Shown for some seconds, and kept in the log.
  void notify(const std::string& text, bool is_error = false);
  const std::vector<LogEntry>& log() const { return log_; }
  // To the clipboard, and says so.
  void copy(const std::string& text, const std::string& what);
  void write_export(const std::string& name, const std::string& text);

  bool quit_requested() const { return quit_; }
  bool full_screen_requested() const { return full_screen_; }
  // No question is on its way.
  bool is_idle() const;
  // Something moves: draw again soon.
  bool is_animated() const;
  // What the rows commands are for, this frame.
  const std::vector<Command>& pending_commands() const { return commands_; }
  // True once for each time that a command was given in this frame.
  bool take(Command command);

  void focus_filter() { focus_filter_ = true; }
  bool take_filter_focus() { return std::exchange(focus_filter_, false); }

 private:
  void draw_top_bar();
  void draw_trace();
  bool details_are_shown(float room) const;
  void draw_panels();
  void draw_opening();
  void draw_failure();
  void draw_welcome();
  void draw_status_bar();
  void draw_notice();
  void perform_view_command(Command command);
  void say_no_effect(Command command);
  void report_other_session();

  AppOptions options_;
  Settings settings_;
  float display_scale_ = 1;
  bool fonts_are_stale_ = true;

  std::unique_ptr<TraceSession> session_, other_session_;
  ViewHistory history_;
  std::vector<std::unique_ptr<Panel>> panels_;
  std::unique_ptr<TimelinePane> timeline_;
  std::unique_ptr<DetailsPane> details_;
  std::unique_ptr<FileDialog> dialog_;
  std::unique_ptr<FilterBox> filter_box_;
  std::unique_ptr<Palette> palette_;

  std::vector<Command> commands_;
  std::vector<LogEntry> log_;
  double notice_until_ = 0;
  bool help_is_open_ = false, focus_filter_ = false;
  bool quit_ = false, full_screen_ = false, picture_is_wanted_ = false;
  bool dialog_compares_ = false;
};

}  // namespace memoir

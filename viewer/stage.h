#pragma once

// The viewer without a window or a display: frames are drawn into memory, and the mouse
// and the keys are moved by a program. What --screenshot, --script and the tests use.
//
//   Stage stage({.width = 1280, .height = 800});
//   stage.app().open("app.memoir");
//   stage.settle();
//   stage.click("tab.leaks");
//   write_png(stage.picture(), "leaks.png");
//
// Thread safety: one thread; one stage or window at a time, for ImGui has one context.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "viewer/app.h"
#include "viewer/commands.h"
#include "viewer/soft_renderer.h"

struct ImGuiContext;

namespace memoir {

struct StageOptions {
  int width = 1280, height = 800;  // pixels of the picture
  float scale = 1;
  bool plain_fonts = false;
  bool keep_settings = false;
  ThemeKind theme = ThemeKind::kDark;
};

class Stage {
 public:
  explicit Stage(const StageOptions& options);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  App& app() { return *app_; }

  void draw_frames(int count = 1);
  // Until every question is answered and what follows from the answers is drawn. False
  // when that took longer.
  bool settle(std::chrono::milliseconds most = std::chrono::seconds(60));

  // What carries this name is clicked, in its middle. False when it is not in sight.
  bool click(std::string_view mark, int button = 0);
  bool double_click(std::string_view mark);
  bool hover(std::string_view mark);  // long enough for a tooltip
  bool wheel(std::string_view mark, float turns);
  // From one part of a mark to another; 0 is its left or upper end, 1 the other.
  bool drag(std::string_view mark, ImVec2 from, ImVec2 to, int button = 0);
  void type(std::string_view text);
  void press(const KeyChord& chord);
  void resize(int width, int height);

  // Of what was drawn last.
  Image picture() const;

 private:
  void draw_frame();
  void move_to(ImVec2 at);
  bool is_quiet();

  StageOptions options_;
  ImGuiContext* context_;
  std::unique_ptr<App> app_;
  std::mutex mutex_;
  std::condition_variable woken_;
};

}  // namespace memoir

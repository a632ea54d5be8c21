#include "viewer/stage.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "viewer/marks.h"

namespace memoir {
namespace {

constexpr float kFrameSeconds = 1 / 60.0f;
constexpr int kFramesOfRest = 40;  // until a tooltip opens
constexpr int kQuietFrames = 3;    // an answer may lead to a question, and that to another

// The same numbers as under GLFW, so that shortcuts are the same.
void map_keys(ImGuiIO& io) {
  constexpr std::array<std::pair<ImGuiKey, int>, 18> kKeys = {{
      {ImGuiKey_Tab, GLFW_KEY_TAB},
      {ImGuiKey_LeftArrow, GLFW_KEY_LEFT},
      {ImGuiKey_RightArrow, GLFW_KEY_RIGHT},
      {ImGuiKey_UpArrow, GLFW_KEY_UP},
      {ImGuiKey_DownArrow, GLFW_KEY_DOWN},
      {ImGuiKey_PageUp, GLFW_KEY_PAGE_UP},
      {ImGuiKey_PageDown, GLFW_KEY_PAGE_DOWN},
      {ImGuiKey_Home, GLFW_KEY_HOME},
      {ImGuiKey_End, GLFW_KEY_END},
      {ImGuiKey_Delete, GLFW_KEY_DELETE},
      {ImGuiKey_Backspace, GLFW_KEY_BACKSPACE},
      {ImGuiKey_Space, GLFW_KEY_SPACE},
      {ImGuiKey_Enter, GLFW_KEY_ENTER},
      {ImGuiKey_Escape, GLFW_KEY_ESCAPE},
      {ImGuiKey_A, GLFW_KEY_A},
      {ImGuiKey_C, GLFW_KEY_C},
      {ImGuiKey_V, GLFW_KEY_V},
      {ImGuiKey_X, GLFW_KEY_X},
  }};
  for (const auto& [key, code] : kKeys) io.KeyMap[key] = code;
}

ImVec2 middle_of(const UiMark& mark) {
  return {(mark.min.x + mark.max.x) / 2, (mark.min.y + mark.max.y) / 2};
}

}  // namespace

Stage::Stage(const StageOptions& options) : options_(options) {
  IMGUI_CHECKVERSION();
  context_ = ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  map_keys(io);
  resize(options.width, options.height);
  io.MousePos = {-1, -1};
  switch_marks(true);
  forget_marks();
  AppOptions app;
  app.plain_fonts = options.plain_fonts;
  app.keep_settings = options.keep_settings;
  app.scale = options.scale;
  app.wake = [this] {
    const std::lock_guard lock(mutex_);
    woken_.notify_all();
  };
  app_ = std::make_unique<App>(std::move(app));
  if (app_->settings().theme != options.theme) app_->perform(Command::kTheme);
  draw_frames(2);
}

Stage::~Stage() {
  app_.reset();
  ImGui::DestroyContext(context_);
}

void Stage::resize(int width, int height) {
  ImGui::GetIO().DisplaySize = {static_cast<float>(width), static_cast<float>(height)};
}

void Stage::draw_frame() {
  ImGui::GetIO().DeltaTime = kFrameSeconds;
  if (app_->prepare_frame()) ImGui::GetIO().Fonts->SetTexID(nullptr);
  ImGui::NewFrame();
  app_->draw();
  ImGui::Render();
  app_->finish_frame();
}

void Stage::draw_frames(int count) {
  for (int i = 0; i < count; ++i) draw_frame();
}

bool Stage::settle(std::chrono::milliseconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  for (int quiet = 0; quiet < kQuietFrames;) {
    draw_frame();
    if (app_->is_idle()) {
      ++quiet;
      continue;
    }
    quiet = 0;
    if (std::chrono::steady_clock::now() > until) return false;
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

void Stage::move_to(ImVec2 at) {
  ImGui::GetIO().MousePos = at;
  draw_frame();
}

bool Stage::click(std::string_view name, int button) {
  const UiMark* found = find_mark(name);
  if (found == nullptr) return false;
  move_to(middle_of(*found));
  ImGui::GetIO().MouseDown[button] = true;
  draw_frame();
  ImGui::GetIO().MouseDown[button] = false;
  draw_frames(2);
  // So that the next click is none of a pair.
  ImGui::GetIO().MouseClickedTime[button] = -1e9;
  return true;
}

bool Stage::double_click(std::string_view name) {
  const UiMark* found = find_mark(name);
  if (found == nullptr) return false;
  move_to(middle_of(*found));
  for (const bool down : {true, false, true, false}) {
    ImGui::GetIO().MouseDown[0] = down;
    draw_frame();
  }
  draw_frame();
  ImGui::GetIO().MouseClickedTime[0] = -1e9;
  return true;
}

bool Stage::hover(std::string_view name) {
  const UiMark* found = find_mark(name);
  if (found == nullptr) return false;
  move_to(middle_of(*found));
  draw_frames(kFramesOfRest);
  return true;
}

bool Stage::wheel(std::string_view name, float turns) {
  const UiMark* found = find_mark(name);
  if (found == nullptr) return false;
  move_to(middle_of(*found));
  ImGui::GetIO().MouseWheel = turns;
  draw_frame();
  ImGui::GetIO().MouseWheel = 0;
  draw_frames(2);
  return true;
}

bool Stage::drag(std::string_view name, ImVec2 from, ImVec2 to, int button) {
  const UiMark* found = find_mark(name);
  if (found == nullptr) return false;
  const UiMark area = *found;
  const auto at = [&area](ImVec2 part) {
    return ImVec2(area.min.x + part.x * (area.max.x - area.min.x),
                  area.min.y + part.y * (area.max.y - area.min.y));
  };
  move_to(at(from));
  ImGui::GetIO().MouseDown[button] = true;
  draw_frame();
  constexpr int kSteps = 4;
  for (int i = 1; i <= kSteps; ++i) {
    const float part = static_cast<float>(i) / kSteps;
    move_to(at({from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part}));
  }
  ImGui::GetIO().MouseDown[button] = false;
  draw_frames(2);
  return true;
}

void Stage::type(std::string_view text) {
  ImGui::GetIO().AddInputCharactersUTF8(std::string(text).c_str());
  draw_frames(2);
}

void Stage::press(const KeyChord& chord) {
  ImGuiIO& io = ImGui::GetIO();
  io.KeyCtrl = chord.control;
  io.KeyShift = chord.shift;
  io.KeyAlt = chord.alt;
  if (!app_->press(chord, io.WantTextInput)) {
    io.KeysDown[chord.key] = true;
    draw_frame();
    io.KeysDown[chord.key] = false;
  }
  draw_frames(2);
  io.KeyCtrl = io.KeyShift = io.KeyAlt = false;
  draw_frame();
}

Image Stage::picture() const {
  return render_image(*ImGui::GetDrawData(), theme().background);
}

}  // namespace memoir

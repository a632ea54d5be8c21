#include "viewer/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>
#include <imgui.h>

#include <fstream>
#include <memory>
#include <string>

#include "trace/error.h"
#include "viewer/app.h"
#include "viewer/key_queue.h"
#include "viewer/marks.h"
#include "viewer/script.h"

namespace memoir {
namespace {

constexpr double kIdleSeconds = 0.25;        // between looks at a trace that may grow
constexpr double kAnimationSeconds = 0.016;  // while something moves

std::string g_last_error;

// One window with its context; everything is undone in the destructor.
class Window {
 public:
  explicit Window(const WindowOptions& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void run();

 private:
  void connect();
  void draw_frame();
  void deliver_keys();
  void follow_full_screen();

  WindowOptions options_;
  GLFWwindow* window_ = nullptr;
  std::unique_ptr<App> app_;
  KeyQueue keys_;
  bool is_full_screen_ = false;
  int frames_owed_ = 3;  // ImGui needs some until everything has found its place
  int left_ = 0, top_ = 0, width_ = 0, height_ = 0;
};

float display_scale(GLFWwindow* window, float wanted) {
  if (wanted > 0) return wanted;
  float x = 1, y = 1;
  glfwGetWindowContentScale(window, &x, &y);
  return x > 0 ? x : 1;
}

struct GlVersion {
  int major, minor;
  const char* shaders;
  bool core;
};

// Newest first; the second one is what old drivers and remote displays have.
constexpr GlVersion kVersions[] = {{3, 3, "#version 330 core", true},
                                   {3, 0, "#version 130", false}};

Window::Window(const WindowOptions& options) : options_(options) {
  glfwSetErrorCallback([](int, const char* text) { g_last_error = text; });
  if (glfwInit() == GLFW_FALSE) {
    throw Error(
        fmt::format("no display: {} (--screenshot FILE needs none)", g_last_error),
        ErrorKind::kUsage);
  }
  const char* shaders = nullptr;
  for (const GlVersion& version : kVersions) {
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, version.major);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, version.minor);
    glfwWindowHint(GLFW_OPENGL_PROFILE,
                   version.core ? GLFW_OPENGL_CORE_PROFILE : GLFW_OPENGL_ANY_PROFILE);
    window_ = glfwCreateWindow(options.width, options.height, "Memoir", nullptr, nullptr);
    shaders = version.shaders;
    if (window_ != nullptr) break;
  }
  if (window_ == nullptr) {
    glfwTerminate();
    throw Error(
        fmt::format("no OpenGL 3: {} (--screenshot FILE needs none)", g_last_error),
        ErrorKind::kUsage);
  }
  glfwMakeContextCurrent(window_);
  glfwSwapInterval(1);
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;
  ImGui_ImplGlfw_InitForOpenGL(window_, false);
  if (!ImGui_ImplOpenGL3_Init(shaders)) {
    throw Error("no OpenGL: libGL.so.1 cannot be used (--screenshot FILE needs none)",
                ErrorKind::kUsage);
  }
  AppOptions app;
  app.scale = display_scale(window_, options.scale);
  app.wake = [] { glfwPostEmptyEvent(); };
  app_ = std::make_unique<App>(std::move(app));
  connect();
  switch_marks(!options.last_state.empty());
  app_->open_files(options.traces);
  if (const auto panel = parse_panel(options.panel)) app_->go(*panel);
}

Window::~Window() {
  app_.reset();
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Window::connect() {
  glfwSetWindowUserPointer(window_, this);
  const auto self = [](GLFWwindow* window) {
    return static_cast<Window*>(glfwGetWindowUserPointer(window));
  };
  static constexpr auto of = +self;
  glfwSetKeyCallback(
      window_, [](GLFWwindow* window, int key, int scancode, int action, int modifiers) {
        of(window)->keys_.push({key, scancode, action, modifiers});
      });
  glfwSetCharCallback(window_, [](GLFWwindow* window, unsigned character) {
    of(window)->keys_.push({0, 0, 0, 0, character});
  });
  glfwSetMouseButtonCallback(window_, ImGui_ImplGlfw_MouseButtonCallback);
  glfwSetScrollCallback(window_, ImGui_ImplGlfw_ScrollCallback);
  glfwSetWindowFocusCallback(window_, ImGui_ImplGlfw_WindowFocusCallback);
  glfwSetCursorEnterCallback(window_, ImGui_ImplGlfw_CursorEnterCallback);
  glfwSetDropCallback(window_, [](GLFWwindow* window, int count, const char** paths) {
    of(window)->app_->open_files({paths, paths + count});
  });
  glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* window, float x, float) {
    if (of(window)->options_.scale == 0) of(window)->app_->set_scale(x);
  });
}

void Window::deliver_keys() {
  keys_.deliver([this](const KeyEvent& event) {
    if (event.character != 0) {
      ImGui_ImplGlfw_CharCallback(window_, event.character);
      return false;
    }
    if (event.action != GLFW_RELEASE) {
      const KeyChord chord = {event.key, (event.modifiers & GLFW_MOD_CONTROL) != 0,
                              (event.modifiers & GLFW_MOD_SHIFT) != 0,
                              (event.modifiers & GLFW_MOD_ALT) != 0};
      if (app_->press(chord, ImGui::GetIO().WantTextInput)) return true;
    }
    ImGui_ImplGlfw_KeyCallback(window_, event.key, event.scancode, event.action,
                               event.modifiers);
    return false;
  });
}

void Window::follow_full_screen() {
  if (app_->full_screen_requested() == is_full_screen_) return;
  is_full_screen_ = !is_full_screen_;
  if (is_full_screen_) {
    glfwGetWindowPos(window_, &left_, &top_);
    glfwGetWindowSize(window_, &width_, &height_);
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor != nullptr ? glfwGetVideoMode(monitor) : nullptr;
    if (mode == nullptr) return;
    glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height,
                         mode->refreshRate);
  } else {
    glfwSetWindowMonitor(window_, nullptr, left_, top_, width_, height_, GLFW_DONT_CARE);
  }
}

void Window::draw_frame() {
  deliver_keys();
  if (app_->prepare_frame()) {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
  }
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
  app_->draw();
  ImGui::Render();
  app_->finish_frame();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  glViewport(0, 0, width, height);
  glClearColor(0, 0, 0, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  glfwSwapBuffers(window_);
  follow_full_screen();
}

void Window::run() {
  while (glfwWindowShouldClose(window_) == GLFW_FALSE && !app_->quit_requested()) {
    if (frames_owed_ > 0 || !keys_.is_empty()) {
      glfwPollEvents();
      --frames_owed_;
    } else {
      const double before = glfwGetTime();
      const double most = app_->is_animated() ? kAnimationSeconds : kIdleSeconds;
      glfwWaitEventsTimeout(most);
      // Something happened: a click needs frames until all that follows from it is drawn.
      if (glfwGetTime() - before < most * 0.9) frames_owed_ = 2;
    }
    draw_frame();
  }
  if (options_.last_state.empty()) return;
  std::ofstream file(options_.last_state);
  if (!(file << dump_ui_state(*app_) << '\n')) {
    throw Error(options_.last_state.string() + ": cannot be written", ErrorKind::kUsage);
  }
}

}  // namespace

void run_window(const WindowOptions& options) { Window(options).run(); }

}  // namespace memoir

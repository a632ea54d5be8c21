// memoir-viewer: shows traces in a window, or draws one picture and ends.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "trace/error.h"
#include "viewer/script.h"
#include "viewer/stage.h"
#include "viewer/window.h"

namespace memoir {
namespace {

struct Options {
  std::vector<std::string> traces;
  std::string panel, screenshot, script, size, last_state, theme = "dark";
  float scale = 0;
  bool dumps_state = false;
};

std::pair<int, int> parse_size(const std::string& text, int width, int height) {
  if (text.empty()) return {width, height};
  char end = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &end) != 2 || width < 200 ||
      height < 150 || width > 16384 || height > 16384) {
    throw Error(fmt::format("--size is WIDTHxHEIGHT in pixels, not '{}'", text),
                ErrorKind::kUsage);
  }
  return {width, height};
}

void check(const Options& options) {
  if (!options.panel.empty() && !parse_panel(options.panel)) {
    std::string names;
    for (const PanelRow& row : all_panels()) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
    }
    throw Error(fmt::format("there is no panel '{}'; there are {}", options.panel, names),
                ErrorKind::kUsage);
  }
}

// Without a display. The exit status.
int draw_without_window(const Options& options) {
  StageOptions stage_options;
  std::tie(stage_options.width, stage_options.height) = parse_size(options.size, 1440, 900);
  stage_options.scale = options.scale > 0 ? options.scale : 1;
  stage_options.theme = options.theme == "light" ? ThemeKind::kLight : ThemeKind::kDark;
  Stage stage(stage_options);
  stage.app().open_files({options.traces.begin(), options.traces.end()});
  stage.settle();
  if (const auto panel = parse_panel(options.panel)) stage.app().go(*panel);
  stage.settle();
  if (!options.script.empty()) {
    std::ifstream file(options.script);
    if (options.script != "-" && !file) {
      throw Error(fmt::format("{}: cannot be read", options.script), ErrorKind::kUsage);
    }
    run_script(stage, options.script == "-" ? std::cin : file, options.script);
  }
  if (!options.screenshot.empty()) write_png(stage.picture(), options.screenshot);
  if (options.dumps_state) fmt::print("{}\n", dump_ui_state(stage.app()));
  const TraceSession* session = stage.app().session();
  if (session != nullptr && !session->error().empty() && options.script.empty()) {
    throw Error(session->error());
  }
  return 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Shows what a program did with its memory, as Memoir recorded it.");
  app.set_version_flag("--version", std::string("memoir-viewer ") + MEMOIR_VERSION);
  app.add_option("trace", options.traces, "Traces: one is shown, two are compared")
      ->expected(0, 2);
  app.add_option("--panel", options.panel, "The panel to begin with");
  app.add_option("--size", options.size, "Of the window or picture: 1440x900");
  app.add_option("--scale", options.scale, "Pixels of the display in one of ours: 2")
      ->check(CLI::Range(0.5, 4.0));
  app.add_option("--theme", options.theme, "dark or light")
      ->check(CLI::IsMember({"dark", "light"}));
  app.add_option("--screenshot", options.screenshot,
                 "Writes a PNG and ends; needs no display");
  app.add_option("--script", options.script,
                 "Does what the lines of a file say (- for standard input); needs no display");
  app.add_flag("--dump-ui-state", options.dumps_state,
               "Prints what is in sight, and where, as JSON; needs no display");
  app.add_option("--last-state", options.last_state,
                 "Writes, as JSON, what was in sight when the window was closed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  check(options);
  if (!options.screenshot.empty() || !options.script.empty() || options.dumps_state) {
    return draw_without_window(options);
  }
  WindowOptions window;
  window.traces = {options.traces.begin(), options.traces.end()};
  std::tie(window.width, window.height) =
      parse_size(options.size, window.width, window.height);
  window.scale = options.scale;
  window.panel = options.panel;
  window.last_state = options.last_state;
  run_window(window);
  return 0;
}

}  // namespace
}  // namespace memoir

int main(int argc, char** argv) {
  try {
    return memoir::run(argc, argv);
  } catch (const memoir::Error& error) {
    fmt::print(stderr, "memoir-viewer: {}\n", error.what());
    return error.kind() == memoir::ErrorKind::kUsage ? 2 : 4;
  }
}

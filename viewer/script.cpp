#include "viewer/script.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "trace/error.h"
#include "viewer/marks.h"

namespace memoir {
namespace {

class Script {
 public:
  Script(Stage& stage, std::string name) : stage_(stage), name_(std::move(name)) {}

  void run(std::istream& lines) {
    for (std::string line; std::getline(lines, line);) {
      ++number_;
      perform(line);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(fmt::format("{}:{}: {}", name_, number_, why), ErrorKind::kUsage);
  }
  void require(bool found, const std::string& mark) const {
    if (!found) fail(fmt::format("nothing in sight is called '{}'", mark));
  }
  void settle(double seconds) {
    const auto most = std::chrono::milliseconds(static_cast<int>(seconds * 1000));
    if (!stage_.settle(most)) fail("not everything was answered in time");
  }

  void perform(const std::string& line) {
    std::istringstream words(line);
    std::string verb, first;
    if (!(words >> verb) || verb.starts_with('#')) return;
    std::getline(words >> std::ws, first);
    if (!perform_on_mark(verb, first) && !perform_other(verb, first)) {
      fail(fmt::format("unknown command '{}'", verb));
    }
  }

  bool perform_on_mark(const std::string& verb, const std::string& rest) {
    std::istringstream words(rest);
    std::string mark;
    words >> mark;
    if (verb == "click") return require(stage_.click(mark), mark), true;
    if (verb == "rightclick") return require(stage_.click(mark, 1), mark), true;
    if (verb == "doubleclick") return require(stage_.double_click(mark), mark), true;
    if (verb == "hover") return require(stage_.hover(mark), mark), true;
    if (verb == "wheel") {
      float turns = 1;
      words >> turns;
      return require(stage_.wheel(mark, turns), mark), true;
    }
    if (verb == "drag") {
      ImVec2 from, to;
      if (!(words >> from.x >> from.y >> to.x >> to.y)) fail("drag NAME X Y X Y");
      return require(stage_.drag(mark, from, to), mark), true;
    }
    if (verb == "expect") {
      const UiMark* found = find_mark(mark);
      require(found != nullptr, mark);
      std::string text;
      std::getline(words >> std::ws, text);
      if (found->text.find(text) == std::string::npos) {
        fail(fmt::format("'{}' says '{}', not '{}'", mark, found->text, text));
      }
      return true;
    }
    if (verb == "reject") {
      if (find_mark(mark) != nullptr) fail(fmt::format("'{}' is in sight", mark));
      return true;
    }
    return false;
  }

  bool perform_other(const std::string& verb, const std::string& rest) {
    if (verb == "open" || verb == "compare") {
      verb == "open" ? stage_.app().open(rest) : stage_.app().open_to_compare(rest);
      settle(kPatience);
    } else if (verb == "type") {
      stage_.type(rest);
    } else if (verb == "key") {
      const auto chord = parse_chord(rest);
      if (!chord) fail(fmt::format("unknown key '{}'", rest));
      stage_.press(*chord);
    } else if (verb == "command") {
      const auto command = parse_command(rest);
      if (!command) fail(fmt::format("unknown command '{}'", rest));
      stage_.app().perform(*command);
      stage_.draw_frames(2);
    } else if (verb == "panel") {
      const auto panel = parse_panel(rest);
      if (!panel) fail(fmt::format("unknown panel '{}'", rest));
      stage_.app().go(*panel);
      settle(kPatience);
    } else if (verb == "wait") {
      settle(rest.empty() ? kPatience : std::atof(rest.c_str()));
    } else if (verb == "size") {
      int width = 0, height = 0;
      if (!(std::istringstream(rest) >> width >> height) || width < 1 || height < 1) {
        fail("size WIDTH HEIGHT");
      }
      stage_.resize(width, height);
      stage_.draw_frames(3);
    } else if (verb == "screenshot") {
      write_png(stage_.picture(), rest);
    } else if (verb == "dump") {
      rest.empty() ? void(std::cout << dump_ui_state(stage_.app()) << '\n')
                   : void(std::ofstream(rest) << dump_ui_state(stage_.app()) << '\n');
    } else {
      return false;
    }
    return true;
  }

  static constexpr double kPatience = 120;  // seconds

  Stage& stage_;
  std::string name_;
  int number_ = 0;
};

}  // namespace

void run_script(Stage& stage, std::istream& script, const std::string& name) {
  Script(stage, name).run(script);
}

std::string dump_ui_state(const App& app) {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const auto& [name, unused] : all_marks()) {
    const UiMark* mark = find_mark(name);
    if (mark == nullptr) continue;
    items.push_back({{"name", name},
                     {"x", mark->min.x},
                     {"y", mark->min.y},
                     {"width", mark->max.x - mark->min.x},
                     {"height", mark->max.y - mark->min.y},
                     {"text", mark->text}});
  }
  const View& view = app.view();
  nlohmann::ordered_json state = {{"panel", panel_row(view.panel).name},
                                  {"filter", view.filter},
                                  {"stack", view.stack.value},
                                  {"function", view.function}};
  if (view.range) state["range"] = {view.range->begin, view.range->end};
  if (view.moment) state["moment"] = *view.moment;
  if (view.process) state["process"] = view.process->value;
  const nlohmann::ordered_json all = {{"view", state}, {"items", items}};
  return all.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace memoir

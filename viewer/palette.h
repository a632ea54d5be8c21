#pragma once

// All commands, panels and functions of the trace, by a few of their letters.
//
// Thread safety: the thread that draws.

#include <string>
#include <vector>

#include "viewer/answer.h"

namespace memoir {

class App;

class Palette {
 public:
  void open();
  bool is_open() const { return is_open_; }
  void draw(App& app);

 private:
  struct Choice {
    std::string title, keys;
    int command = -1, panel = -1;  // or else a function
    int score = 0;
  };

  void choose(App& app);
  void perform(App& app, const Choice& choice);
  void close();

  bool is_open_ = false, just_opened_ = false;
  std::string text_, chosen_for_ = "\n";
  std::vector<Choice> choices_;
  int selected_ = 0;
  Answer<std::vector<std::string>> functions_;
};

}  // namespace memoir

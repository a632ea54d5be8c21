#pragma once

// Keys between the window and Dear ImGui 1.86, which loses a key that goes down and up
// again between two frames (fixed in 1.87): here such a pair reaches it in two frames.
//
// Thread safety: one thread.

#include <deque>
#include <functional>

namespace memoir {

struct KeyEvent {
  int key = 0, scancode = 0;
  int action = 0, modifiers = 0;  // as GLFW has them
  unsigned character = 0;         // what is typed, instead of a key; 0: a key
};

class KeyQueue {
 public:
  void push(const KeyEvent& event) { events_.push_back(event); }
  bool is_empty() const { return events_.empty(); }

  // What belongs into the next frame: no key twice, and no release after a press. True
  // from `deliver`: the key meant something, like a field that gets the focus. Then the
  // character that it typed is none, and what follows waits until that has been drawn.
  void deliver(const std::function<bool(const KeyEvent&)>& deliver);

 private:
  static constexpr int kFramesUntilFocus = 2;

  std::deque<KeyEvent> events_;
  int waits_ = 0;            // frames
  bool typed_none_ = false;  // a character that comes next is none
};

}  // namespace memoir

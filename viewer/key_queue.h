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
};

class KeyQueue {
 public:
  void push(const KeyEvent& event) { events_.push_back(event); }
  bool is_empty() const { return events_.empty(); }

  // What belongs into the next frame: no key twice, and no release after a press.
  void deliver(const std::function<void(const KeyEvent&)>& deliver);

 private:
  std::deque<KeyEvent> events_;
};

}  // namespace memoir

#include "viewer/key_queue.h"

#include <GLFW/glfw3.h>

#include <set>

namespace memoir {

void KeyQueue::deliver(const std::function<void(const KeyEvent&)>& deliver) {
  std::set<int> changed;
  bool any_pressed = false;
  while (!events_.empty()) {
    const KeyEvent event = events_.front();
    if (event.action == GLFW_RELEASE && any_pressed) return;
    if (!changed.insert(event.key).second) return;
    any_pressed |= event.action != GLFW_RELEASE;
    events_.pop_front();
    deliver(event);
  }
}

}  // namespace memoir

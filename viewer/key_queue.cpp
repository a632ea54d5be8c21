#include "viewer/key_queue.h"

#include <GLFW/glfw3.h>

#include <set>

namespace memoir {

void KeyQueue::deliver(const std::function<bool(const KeyEvent&)>& deliver) {
  if (waits_ > 0) {
    --waits_;
    return;
  }
  std::set<int> changed;
  bool any_pressed = false;
  while (!events_.empty()) {
    const KeyEvent event = events_.front();
    if (event.character != 0) {
      events_.pop_front();
      if (!typed_none_) deliver(event);
      typed_none_ = false;
      continue;
    }
    if (event.action == GLFW_RELEASE && any_pressed) return;
    if (!changed.insert(event.key).second) return;
    any_pressed |= event.action != GLFW_RELEASE;
    events_.pop_front();
    typed_none_ = deliver(event);
    if (!typed_none_) continue;
    waits_ = kFramesUntilFocus;
    if (!events_.empty() && events_.front().character != 0) {
      events_.pop_front();
      typed_none_ = false;
    }
    return;
  }
}

}  // namespace memoir

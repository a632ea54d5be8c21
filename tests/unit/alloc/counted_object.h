#pragma once

// An element that counts how many of it there are, and whose nth construction may throw.

#include <stdexcept>

namespace memoir {

struct counted_object {
  static inline int live = 0;
  static inline int until_throw = -1;  // below 0: never

  counted_object() {
    if (until_throw == 0) throw std::runtime_error("no more objects");
    if (until_throw > 0) --until_throw;
    ++live;
  }
  counted_object(const counted_object&) { ++live; }
  counted_object& operator=(const counted_object&) = default;
  ~counted_object() {
    --live;
    value = -1;
  }
  int value = 7;
};

}  // namespace memoir

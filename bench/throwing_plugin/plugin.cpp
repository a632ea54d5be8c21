// The plugin of main.c.
#include <stdexcept>

namespace {

// Frames with something to clean up lie between the throw and the catch.
struct Cleanup {
  explicit Cleanup(int* counter) : counter_(counter) { ++*counter_; }
  ~Cleanup() { --*counter_; }
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  int* counter_;
};

[[gnu::noinline]] int descend(int depth, int* counter) {
  const Cleanup cleanup(counter);
  if (depth == 0) throw std::runtime_error("thrown by the plugin");
  return descend(depth - 1, counter) + 1;
}

}  // namespace

extern "C" int throw_and_catch(int depth) {
  int counter = 0;
  try {
    return descend(depth, &counter);
  } catch (const std::runtime_error&) {
    return counter == 0 ? 1 : 0;
  }
}

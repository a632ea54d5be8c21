// The plugin of plugin_throws.c: throws through frames with something to clean
// up.
#include <stdexcept>
#include <string>

namespace {

struct Cleanup {
  explicit Cleanup(int* counter) : counter_(counter) { ++*counter_; }
  ~Cleanup() { --*counter_; }
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  int* counter_;
};

[[gnu::noinline]] int descend(int depth, int* counter) {
  const Cleanup cleanup(counter);
  if (depth == 0) throw std::runtime_error("thrown at depth " + std::to_string(*counter));
  return descend(depth - 1, counter) + 1;
}

}  // namespace

// The length of the message, negative when the frames were not cleaned up.
extern "C" int throw_and_catch(int depth) {
  int counter = 0;
  try {
    return descend(depth, &counter);
  } catch (const std::runtime_error& error) {
    const int length = static_cast<int>(std::string(error.what()).size());
    return counter == 0 ? length : -length;
  }
}

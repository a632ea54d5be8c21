// Calls four kinds of functions in random order (plain, of unknown frame size, catching,
// through the C library), throws back up at random, and allocates on the way. The size of
// a block says how it was reached: 1, then a digit of base 4 per call.
// COMPILE: -O2 -fomit-frame-pointer
#include <alloca.h>
#include <pthread.h>

#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kDeepest = 65536;  // eight calls
void* volatile kept;
volatile char sink;

struct Walk {
  unsigned long dice;
  std::size_t path;
  unsigned next() {
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>(dice >> 40);
  }
};
struct Thrown {};

[[gnu::noinline]] void step(Walk& walk, std::size_t path);

[[gnu::noinline]] void allocate(std::size_t path) {
  void* block = std::malloc(path);
  kept = block;
  std::free(block);
}

[[gnu::noinline]] void plain(Walk& walk, std::size_t path) {
  step(walk, path);
  sink = sink + 1;
}

[[gnu::noinline]] void sized(Walk& walk, std::size_t path) {
  const std::size_t size = walk.next() % 500 + 1;
  auto* bytes = static_cast<char*>(alloca(size));
  std::memset(bytes, 1, size);
  step(walk, path);
  sink = bytes[size - 1];
}

[[gnu::noinline]] void catching(Walk& walk, std::size_t path) {
  try {
    step(walk, path);
  } catch (const Thrown&) {
    allocate(path);
  }
  sink = sink + 1;
}

thread_local Walk* walk_of_thread;

int compare(const void* a, const void*) {
  Walk* walk = walk_of_thread;
  if (walk == nullptr) return 0;
  walk_of_thread = nullptr;  // once a search
  step(*walk, *static_cast<const std::size_t*>(a));
  return 0;
}

[[gnu::noinline]] void searching(Walk& walk, std::size_t path) {
  std::size_t keys[2] = {path, path};
  walk_of_thread = &walk;
  qsort(keys, 2, sizeof keys[0], compare);
  sink = sink + 1;
}

void step(Walk& walk, std::size_t path) {
  allocate(path);
  constexpr decltype(&plain) kKinds[] = {plain, sized, catching, searching};
  while (path < kDeepest && walk.next() % 3 != 0) {
    const std::size_t kind = walk.next() % 4;
    kKinds[kind](walk, path * 4 + kind);
    if (walk.next() % 16 == 0) throw Thrown{};
  }
  sink = sink + 1;
}

void* run(void* seed) {
  Walk walk{reinterpret_cast<unsigned long>(seed), 1};
  for (int i = 0; i < 150; ++i) {
    try {
      step(walk, 1);
    } catch (const Thrown&) {
      sink = sink + 1;
    }
  }
  return nullptr;
}

}  // namespace

int main() {
  pthread_t threads[3];
  unsigned long seed = 1;
  for (pthread_t& thread : threads) {
    pthread_create(&thread, nullptr, run, reinterpret_cast<void*>(++seed));
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return 0;
}

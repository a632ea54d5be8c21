// Exceptions thrown through frames: blocks made before, while they unwind, where they are
// caught, and after, all with whole stacks. The same frames are walked again each time.
#include <cstdlib>

namespace {

void* volatile kept;

struct AllocatesOnItsWayOut {
  AllocatesOnItsWayOut() = default;
  AllocatesOnItsWayOut(const AllocatesOnItsWayOut&) = delete;
  AllocatesOnItsWayOut& operator=(const AllocatesOnItsWayOut&) = delete;
  [[gnu::noinline]] ~AllocatesOnItsWayOut() {
    // ALLOC: malloc 300 x 20
    // STACK: AllocatesOnItsWayOut::~AllocatesOnItsWayOut < middle < outer < main
    kept = std::malloc(20);
    std::free(kept);
  }
};

[[gnu::noinline]] int inner(int i) {
  // ALLOC: malloc 300 x 10
  // STACK: inner < middle < outer < main
  kept = std::malloc(10);
  std::free(kept);
  if (i % 3 != 0) throw i;
  return i;
}

[[gnu::noinline]] int middle(int i) {
  const AllocatesOnItsWayOut guard;
  return inner(i) + 1;
}

[[gnu::noinline]] int outer(int i) {
  try {
    const int answer = middle(i);
    // ALLOC: malloc 100 x 30
    // STACK: outer < main
    kept = std::malloc(30);
    std::free(kept);
    return answer;
  } catch (int thrown) {
    // ALLOC: malloc 200 x 40, leaked 100
    // STACK: outer < main
    kept = std::malloc(40);
    if (thrown % 3 == 1) std::free(kept);
    return thrown;
  }
}

}  // namespace

int main() {
  for (int i = 0; i < 300; ++i) outer(i);
  return 0;
}

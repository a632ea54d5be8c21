// Eight threads allocate and free the smallest blocks through one shared slot, so that a
// block freed on one thread is at once handed out on another.
#include <malloc.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>

namespace {

constexpr int kThreads = 8;
std::atomic<void*> slot{nullptr};

// Whoever comes next frees what this thread made.
[[gnu::noinline]] void pass_on() { std::free(slot.exchange(std::malloc(16))); }

[[gnu::noinline]] void churn() {
  void* blocks[4];
  for (void*& block : blocks) block = std::malloc(16);
  for (void* block : blocks) std::free(block);
}

void* run(void*) {
  for (int i = 0; i < 5000; ++i) {
    churn();
    pass_on();
  }
  return nullptr;
}

}  // namespace

int main() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MXFAST, 0);
  pthread_t threads[kThreads];
  for (pthread_t& thread : threads) pthread_create(&thread, nullptr, run, nullptr);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  std::free(slot.load());
  return 0;
}

// 600 threads alive at once, more than there are rings; each frees what its neighbour
// made and keeps a block of its own.
// THREADS: 601
#include <pthread.h>

#include <cstdlib>

namespace {

constexpr int kThreads = 600;

pthread_barrier_t everyone;
void* blocks[kThreads];
void* volatile kept;

void* run(void* number) {
  const auto self = static_cast<int>(reinterpret_cast<long>(number));
  blocks[self] = std::malloc(48);  // ALLOC: malloc 600 x 48
  pthread_barrier_wait(&everyone);
  std::free(blocks[(self + 1) % kThreads]);
  for (int i = 0; i < 100; ++i) {
    void* mine = std::malloc(56);  // ALLOC: malloc 60000 x 56, leaked 600
    if (i > 0)
      std::free(mine);
    else
      kept = mine;
  }
  pthread_barrier_wait(&everyone);
  return nullptr;
}

}  // namespace

int main() {
  static pthread_t threads[kThreads];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 65536);
  pthread_barrier_init(&everyone, nullptr, kThreads);
  for (long i = 0; i < kThreads; ++i) {
    if (pthread_create(&threads[i], &attributes, run, reinterpret_cast<void*>(i)) != 0) {
      return 1;
    }
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return 0;
}

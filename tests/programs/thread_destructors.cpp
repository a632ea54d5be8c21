// Threads end, and their thread-local objects and keys free what they hold, after the
// thread's own function has returned. Nothing is leaked.
// THREADS: 21
#include <pthread.h>

#include <cstdlib>

namespace {

pthread_key_t key;

struct Holder {
  ~Holder() { delete[] block; }
  char* block = nullptr;
};

thread_local Holder holder;

void* run(void*) {
  holder.block = new char[33];                // ALLOC: operator new[] 20 x 33
  pthread_setspecific(key, std::malloc(44));  // ALLOC: malloc 20 x 44
  return nullptr;
}

}  // namespace

int main() {
  pthread_key_create(&key, std::free);
  for (int i = 0; i < 20; ++i) {
    pthread_t thread;
    pthread_create(&thread, nullptr, run, nullptr);
    pthread_join(thread, nullptr);
  }
  return 0;
}

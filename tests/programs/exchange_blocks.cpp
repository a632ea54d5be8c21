// Eight threads hand each other blocks through queues: each block is freed by another
// thread than the one that made it, and thread 3 loses every hundredth small one that
// it receives.
// THREADS: 9
#include <pthread.h>

#include <cstdlib>

namespace {

constexpr int kThreads = 8;
constexpr int kBlocks = 4000;

// A queue with room for all that is ever pushed, so that it allocates nothing itself.
class Queue {
 public:
  void push(void* block) {
    pthread_mutex_lock(&lock_);
    blocks_[end_++] = block;
    pthread_cond_signal(&filled_);
    pthread_mutex_unlock(&lock_);
  }
  void* pop() {
    pthread_mutex_lock(&lock_);
    while (begin_ == end_) pthread_cond_wait(&filled_, &lock_);
    void* block = blocks_[begin_++];
    pthread_mutex_unlock(&lock_);
    return block;
  }

 private:
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t filled_ = PTHREAD_COND_INITIALIZER;
  int begin_ = 0;
  int end_ = 0;
  void* blocks_[2 * kBlocks] = {};
};

Queue queues[kThreads];
void* volatile lost;

// The first byte tells a small block from a large one.
[[gnu::noinline]] void work(int self) {
  int small_ones = 0;
  for (int i = 0; i < kBlocks; ++i) {
    void* small = std::malloc(24);  // ALLOC: malloc 32000 x 24, leaked 40
    char* large = new char[100];    // ALLOC: operator new[] 32000 x 100
    *static_cast<char*>(small) = 'S';
    *large = 'L';
    queues[(self + 1) % kThreads].push(small);
    queues[(self + 5) % kThreads].push(large);
    for (int n = 0; n < 2; ++n) {
      void* block = queues[self].pop();
      if (*static_cast<char*>(block) == 'L') {
        delete[] static_cast<char*>(block);
      } else if (self == 3 && ++small_ones % 100 == 0) {
        lost = block;
      } else {
        std::free(block);
      }
    }
  }
}

void* run(void* self) {
  work(static_cast<int>(reinterpret_cast<long>(self)));
  return nullptr;
}

}  // namespace

int main() {
  pthread_t threads[kThreads];
  for (long i = 0; i < kThreads; ++i) {
    pthread_create(&threads[i], nullptr, run, reinterpret_cast<void*>(i));
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return 0;
}

// A thousand threads, eight at a time. Each frees what the one before it in its row left.
// THREADS: 1001
#include <pthread.h>
#include <stdlib.h>

enum { kRows = 8, kInRow = 125 };

static void* blocks[kRows];
static void* volatile kept;

static void* work(void* row) {
  free(*(void**)row);
  *(void**)row = malloc(64);  // ALLOC: malloc 1000 x 64, leaked 8
  free(calloc(2, 24));        // ALLOC: calloc 1000 x 48
  return NULL;
}

int main(void) {
  for (int i = 0; i < kInRow; ++i) {
    pthread_t threads[kRows];
    for (int row = 0; row < kRows; ++row) {
      if (pthread_create(&threads[row], NULL, work, &blocks[row]) != 0) return 1;
    }
    for (int row = 0; row < kRows; ++row) pthread_join(threads[row], NULL);
  }
  kept = blocks[0];
  return 0;
}

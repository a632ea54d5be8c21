// Frees far more large blocks than its address space holds, and small ones, one after the
// other; then has many large ones at once. All that is there must be to be had.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int make(size_t size) {
  char* block = malloc(size);
  if (block == NULL) return 1;
  block[0] = block[size - 1] = 1;
  free(block);
  return 0;
}

static void* nothing(void* argument) { return argument; }

// The address space that a thread's stack needs has to be there, too.
static int start_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, nothing, NULL) != 0) return 1;
  return pthread_join(thread, NULL);
}

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 0;
  const int kept = argc > 2 ? atoi(argv[2]) : 0;
  int failed = 0;
  for (int i = 0; i < rounds; ++i) {
    failed += make(1000000) + make(70000) + make(1000);
    if (i % 100 == 0) failed += start_thread();
  }
  char** blocks = calloc((size_t)kept + 1, sizeof *blocks);
  for (int i = 0; i < kept; ++i) {
    blocks[i] = malloc(70000);
    if (blocks[i] == NULL) {
      ++failed;
    } else {
      blocks[i][69999] = 1;
    }
  }
  for (int i = 0; i < kept; ++i) free(blocks[i]);
  free(blocks);
  printf("%d failed\n", failed);
  return 0;
}

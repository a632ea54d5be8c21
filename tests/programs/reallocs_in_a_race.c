// Four threads move blocks by realloc while four others snatch the addresses that become
// free, all from one arena.
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

enum { kPairs = 4 };

static __attribute__((noinline)) void grow_and_shrink(void) {
  void* block = malloc(40);
  block = realloc(block, 2000);
  block = realloc(block, 40);
  block = realloc(block, 5000);
  block = realloc(block, 24);
  block = realloc(block, 3000);
  free(block);
}

static __attribute__((noinline)) void snatch(void) {
  void* small = malloc(40);
  void* large = malloc(2000);
  free(small);
  small = malloc(24);
  free(large);
  large = malloc(3000);
  free(large);
  free(small);
}

static void* grow(void* unused) {
  for (int i = 0; i < 5000; ++i) grow_and_shrink();
  return unused;
}

static void* take(void* unused) {
  for (int i = 0; i < 5000; ++i) snatch();
  return unused;
}

int main(void) {
  mallopt(M_ARENA_MAX, 1);
  pthread_t threads[2 * kPairs];
  for (int i = 0; i < 2 * kPairs; ++i) {
    pthread_create(&threads[i], NULL, i % 2 == 0 ? grow : take, NULL);
  }
  for (int i = 0; i < 2 * kPairs; ++i) pthread_join(threads[i], NULL);
  return 0;
}

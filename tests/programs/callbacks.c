// Functions that the C library calls allocate: the stack goes through it to the caller.
// THREADS: 2
#include <pthread.h>
#include <search.h>
#include <stdlib.h>

static void* volatile kept;

static int compare(const void* a, const void* b) {
  // ALLOC: malloc 1 x 16
  // STACK: compare < ... < sort < main
  if (kept == NULL) kept = malloc(16);
  return *(const int*)a - *(const int*)b;
}

static __attribute__((noinline)) void sort(int* numbers, size_t count) {
  qsort(numbers, count, sizeof *numbers, compare);
  free(kept);
  kept = NULL;
}

static int compare_key(const void* a, const void* b) {
  // ALLOC: malloc 1 x 17
  // STACK: compare_key < ... < look_up < main
  if (kept == NULL) kept = malloc(17);
  return *(const int*)a - *(const int*)b;
}

static __attribute__((noinline)) int look_up(int* numbers, size_t count) {
  const int key = 3;
  const int found = lfind(&key, numbers, &count, sizeof *numbers, compare_key) != NULL;
  free(kept);
  return found;
}

static __attribute__((noinline)) void work(void) {
  // ALLOC: malloc 1 x 18, leaked 1
  // STACK: work < run_thread < ...
  kept = malloc(18);
}

static void* run_thread(void* unused) {
  work();
  return unused;
}

static void at_exit(void) {
  // ALLOC: malloc 1 x 19, leaked 1
  // STACK: at_exit < ...
  kept = malloc(19);
}

__attribute__((constructor)) static void before_main(void) {
  // ALLOC: malloc 1 x 20, leaked 1
  // STACK: before_main < ...
  kept = malloc(20);
  kept = NULL;
}

int main(void) {
  int numbers[] = {5, 3, 8, 1, 9, 2};
  const size_t count = sizeof numbers / sizeof *numbers;
  sort(numbers, count);
  if (!look_up(numbers, count)) return 1;
  atexit(at_exit);
  pthread_t thread;
  pthread_create(&thread, NULL, run_thread, NULL);
  pthread_join(thread, NULL);
  return 0;
}

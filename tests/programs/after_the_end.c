// Allocates in everything that runs after main() has returned: functions registered with
// atexit() and on_exit(), destructors of every priority, the last of all included.
// EXIT: 9
#include <stdlib.h>

static void* volatile kept;

static void at_the_end(void) {
  kept = malloc(11);  // ALLOC: malloc 1 x 11, leaked 1
}

static void on_the_end(int status, void* block) {
  free(block);
  kept = malloc((size_t)status);  // ALLOC: malloc 1 x 9, leaked 1
}

__attribute__((destructor)) static void ordinary(void) {
  kept = malloc(12);  // ALLOC: malloc 1 x 12, leaked 1
}

__attribute__((destructor(65535))) static void first_of_all(void) {
  kept = malloc(13);  // ALLOC: malloc 1 x 13, leaked 1
}

__attribute__((destructor(101))) static void last_of_all(void) {
  kept = malloc(14);  // ALLOC: malloc 1 x 14, leaked 1
  for (int i = 0; i < 100; ++i) free(realloc(NULL, 15));  // ALLOC: realloc 100 x 15
}

int main(void) {
  atexit(at_the_end);
  on_exit(on_the_end, malloc(16));  // ALLOC: malloc 1 x 16
  return 9;
}

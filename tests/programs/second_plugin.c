// See opens_plugins.c. The two plugins have one shape and different functions.
#include <stdlib.h>

static void* volatile kept;

static __attribute__((noinline)) void second_allocates(size_t size) {
  for (int i = 0; i < 20; ++i) {
    kept = malloc(size);
    if (i > 0) free(kept);
  }
}

int work(int number);

int work(int number) {
  second_allocates(200);
  return number;
}

// See opens_plugins.c. The two plugins have one shape and different functions.
#include <stdlib.h>

static void* volatile kept;

static __attribute__((noinline)) void first_allocates(size_t size) {
  for (int i = 0; i < 10; ++i) {
    kept = malloc(size);
    if (i > 0) free(kept);
  }
}

int work(int number);

int work(int number) {
  first_allocates(100);
  return number;
}

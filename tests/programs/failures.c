// Requests that fail or give nothing leave no trace, and errno is as it should be; a
// block whose realloc failed lives on; realloc to nothing frees.
// FAULTS: bad_size 4; bad_alignment 1
// EVENTS: malloc 3; free 2; aligned_alloc 0; calloc 0
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

static void* volatile kept;
static volatile size_t huge = PTRDIFF_MAX;

static int failed_with(void* block, int error) {
  const int holds = block == NULL && errno == error;
  errno = 0;
  return holds;
}

int main(void) {
  int ok = failed_with(malloc(huge), ENOMEM);
  ok &= failed_with(malloc(huge + huge), ENOMEM);
  ok &= failed_with(calloc(huge, 4), ENOMEM);
  ok &= failed_with(reallocarray(NULL, huge, 4), ENOMEM);
  ok &= failed_with(memalign(64, huge), ENOMEM);
  ok &= failed_with(valloc(huge), ENOMEM);

  void* untouched = &ok;
  ok &= posix_memalign(&untouched, 3, 10) == EINVAL && untouched == &ok;
  ok &= posix_memalign(&untouched, 64, huge) == ENOMEM && untouched == &ok;
  errno = 0;

  void* volatile block = malloc(50);  // ALLOC: malloc 1 x 50
  ok &= failed_with(realloc(block, huge), ENOMEM);
  ok &= failed_with(reallocarray(block, huge, 8), ENOMEM);
  ok &= realloc(block, 0) == NULL;

  errno = 77;         // what succeeds leaves errno alone
  kept = malloc(60);  // ALLOC: malloc 1 x 60
  free(kept);
  kept = malloc(70);  // ALLOC: malloc 1 x 70
  free(kept);
  return ok && errno == 77 ? 0 : 1;
}

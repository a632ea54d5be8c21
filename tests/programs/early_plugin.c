// A library to be preloaded beside Memoir: its constructor runs as early as it can ask
// for, its destructor as late.
#include <stdlib.h>

static void* volatile kept;

__attribute__((constructor(101))) void early_constructor(void) {
  for (int i = 0; i < 7; ++i) kept = malloc(700);
  free(kept);
}

__attribute__((destructor(101))) void late_destructor(void) { kept = malloc(800); }

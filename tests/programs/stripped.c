// Without symbols and debug information a frame is its module and an offset.
// LINK: -s
#include <stdlib.h>

static void* volatile kept;

static __attribute__((noinline)) void lose(void) { kept = malloc(321); }

int main(void) {
  for (int i = 0; i < 4; ++i) lose();
  return 0;
}

// A block at the bottom of a recursion of 50,000 calls, twice, with nothing lost on the
// way back up.
#include <stdlib.h>

static void* volatile kept;

static __attribute__((noinline)) int descend(int depth) {
  if (depth == 50000) {
    kept = malloc(50);  // ALLOC: malloc 2 x 50, leaked 2
    return 1;
  }
  return descend(depth + 1) + 1;
}

int main(void) {
  if (descend(1) != 50000 || descend(1) != 50000) return 1;
  kept = malloc(70);  // ALLOC: malloc 1 x 70
  free(kept);
  return 0;
}

// Functions that the compiler inlined still stand in the stack, and get their blocks.
// COMPILE: -O2
#include <stdlib.h>

static void* volatile kept;

static inline __attribute__((always_inline)) void innermost(void) {
  // ALLOC: malloc 10 x 25, leaked 10
  // STACK: innermost < between < outside < main
  kept = malloc(25);
}

static inline __attribute__((always_inline)) void between(void) { innermost(); }

static __attribute__((noinline)) void outside(void) {
  between();
  kept = NULL;
}

int main(void) {
  for (int i = 0; i < 10; ++i) outside();
  return 0;
}

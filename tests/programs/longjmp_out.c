// Jumps out of nested frames (longjmp), then goes down another way to the same depth, so
// that the slots of the old frames hold those of the new.
#include <setjmp.h>
#include <stdlib.h>

static jmp_buf back;
static void* volatile kept;

static __attribute__((noinline)) void jump(int depth) {
  // ALLOC: malloc 100 x 31
  // STACK: jump < left*5 < main
  kept = malloc(31);
  free(kept);
  if (depth == 0) longjmp(back, 1);
}

static __attribute__((noinline)) void left(int depth) {
  if (depth == 0) {
    jump(depth);
  } else {
    left(depth - 1);
  }
  kept = NULL;
}

static __attribute__((noinline)) void right(int depth) {
  if (depth == 0) {
    // ALLOC: malloc 100 x 32, leaked 100
    // STACK: right*5 < main
    kept = malloc(32);
  } else {
    right(depth - 1);
  }
  kept = NULL;
}

int main(void) {
  for (volatile int i = 0; i < 100; ++i) {
    if (setjmp(back) == 0) {
      left(4);
      return 1;
    }
    right(4);
  }
  return 0;
}

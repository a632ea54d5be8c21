// A block at the bottom of a recursion of 1,000 calls: the stack is whole, main is there.
#include <stdlib.h>

static void* volatile kept;

static __attribute__((noinline)) int descend(int depth) {
  if (depth == 1000) {
    // ALLOC: malloc 1 x 50, leaked 1
    // STACK: descend*1000 < main
    kept = malloc(50);
    return 1;
  }
  const int answer = descend(depth + 1) + 1;
  // ALLOC: malloc 1 x 60
  // STACK: descend*500 < main
  if (depth == 500) free(malloc(60));
  return answer;
}

int main(void) { return descend(1) == 1000 ? 0 : 1; }

// Frames without frame pointers, of many sizes, called in changing order.
// COMPILE: -O2 -fomit-frame-pointer
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static void* volatile kept;
static volatile int sink;

static NOINLINE void leaf(size_t size) {
  kept = malloc(size);  // ALLOC: malloc 150 in 2100
  free(kept);
}

static NOINLINE void large_frame(int i) {
  char bytes[3000];
  memset(bytes, i, sizeof bytes);
  // ALLOC: malloc 100 x 7
  // STACK: large_frame < first < main
  kept = malloc(7);
  free(kept);
  leaf(8);
  sink += bytes[i];
}

static NOINLINE void many_registers(int a, int b, int c, int d, int e, int f) {
  leaf(26);
  // ALLOC: malloc 50 x 9, leaked 50
  // STACK: many_registers < second < main
  kept = malloc(9);
  sink += a * b + c * d + e * f;
}

static NOINLINE void first(int i) {
  large_frame(i % 50);
  sink += i;
}

static NOINLINE void second(int i) {
  many_registers(i, i + 1, i + 2, i + 3, i + 4, i + 5);
  sink -= i;
}

int main(void) {
  for (int i = 0; i < 100; ++i) {
    first(i);
    if (i % 2 == 0) second(i);
  }
  return 0;
}

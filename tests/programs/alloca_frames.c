// Frames whose size is known at run time only (alloca), and differs from call to call.
#include <alloca.h>
#include <stdlib.h>
#include <string.h>

static void* volatile kept;
static volatile int sink;

static __attribute__((noinline)) void leaf(void) {
  // ALLOC: malloc 200 x 15
  // STACK: leaf < grown < caller < main
  kept = malloc(15);
  free(kept);
}

static __attribute__((noinline)) void grown(size_t size) {
  char* bytes = alloca(size);
  memset(bytes, 1, size);
  leaf();
  sink += bytes[size - 1];
}

static __attribute__((noinline)) void caller(size_t size) {
  grown(size);
  // ALLOC: malloc 200 x 16, leaked 200
  // STACK: caller < main
  kept = malloc(16);
  sink += (int)size;
}

int main(void) {
  for (size_t i = 0; i < 200; ++i) caller(1 + i * 37 % 1000);
  return 0;
}

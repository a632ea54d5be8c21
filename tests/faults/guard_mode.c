// In guard mode every block stands between guard pages, however many there are.
//
// OPTIONS: --mode guard
#include <stdlib.h>

static volatile int sum;

static char* make(void) {
  return malloc(32);  // mark: made
}

int main(void) {
  char* block = NULL;
  for (int i = 0; i < 20001; ++i) {
    free(block);
    block = make();  // mark: here
  }
  sum += block[32];  // mark: over
  for (int i = 0; i < 4000; ++i) free(malloc(32));
  free(block);  // mark: freed
  for (int i = 0; i < 4000; ++i) free(malloc(32));
  sum += block[31];  // mark: stale
  return 0;
}
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 32-byte block
//   alloc: malloc: make@made < main@here
//   access: main@over
// FAULT: use after free: read of 1 byte, 31 bytes inside a freed 32-byte block
//   alloc: malloc: make@made < main@here
//   free: free: main@freed
//   access: main@stale

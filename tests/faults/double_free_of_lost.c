// A large block is given back once more when its address is nothing of the heap's any
// more.
//
// FAULT: double free: free of a 70000-byte block that was freed before
//   alloc: malloc: make@made < main
//   free: free: main@old
//   access: main@oldest
#include <stdlib.h>

static void* volatile kept;

static void* make(void) {
  return malloc(70000);  // mark: made
}

int main(void) {
  void* block = make();
  free(block);  // mark: old
  for (int i = 0; i < 5000; ++i) {
    kept = malloc(70000);
    free(kept);
  }
  free(block);  // mark: oldest
  return 0;
}

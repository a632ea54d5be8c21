// Damage to blocks that are neither freed nor looked at otherwise is found by the sweeps
// that sweep_ms asks for, while the program runs; what was there before is not in doubt.
//
// OPTIONS: --mode check --option guard_first=0 --option sweep_ms=20
// FAULT: heap buffer overflow: write of up to 8 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@kept
//   found: work@needed < main
//   whole: yes
// FAULT: write after free: write of up to 8 bytes, 16 bytes inside a freed 100-byte block
//   alloc: malloc: make@made < main@dropped
//   free: free: main@freed
//   found: work@needed < main
//   whole: yes
// EXIT: signal 9
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __attribute__((noinline)) char* make(size_t size) {
  return malloc(size);  // mark: made
}

// Ten times as long as it is between two sweeps.
static __attribute__((noinline)) void work(void) {
  const struct timespec pause = {0, 2000000};
  for (int i = 0; i < 100; ++i) {
    nanosleep(&pause, NULL);
    free(malloc(64));  // mark: needed
  }
}

static __attribute__((noinline)) void fill(char* first, int byte) {
  for (int i = 0; i < 8; ++i) *(volatile char*)(first + i) = (char)byte;
}

int main(void) {
  char* kept = make(40);      // mark: kept
  char* dropped = make(100);  // mark: dropped
  free(dropped);              // mark: freed
  work();
  fill(kept + 40, 1);
  fill(dropped + 16, 2);
  work();
  kill(getpid(), 9);
  return kept == NULL;
}

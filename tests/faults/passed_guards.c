// A write that has run through guard pages is told once, whatever is freed first of what
// it ran over; when its block is freed, those pages are guards again, which stop the
// next.
//
// OPTIONS: --mode guard
#include <stdlib.h>

enum { kPage = 4096, kSides = 4 };

static __attribute__((noinline)) char* make(long bytes) {
  return malloc(bytes);  // mark: made
}

// Four blocks in pages side by side, with a guard page between two. Those that fill their
// page have no canary that would tell who went by.
static __attribute__((noinline)) void make_row(char** row, long second) {
  int count = 0;
  while (count < kSides) {
    row[count] = make(count == 1 ? second : kPage);  // mark: row
    const long page = (long)row[count] / kPage;
    const long before = count == 0 ? 0 : (long)row[count - 1] / kPage;
    count = count == 0 || page - before == 2 ? count + 1 : 0;
  }
}

static __attribute__((noinline)) void scribble(char* first, long bytes) {
  for (long i = 0; i < bytes; ++i) first[i] = '\0';  // mark: written
}

int main(void) {
  char* row[kSides];
  make_row(row, 100);                   // mark: one
  scribble(row[0] + kPage, 2 * kPage);  // mark: over_canary
  free(row[0]);
  free(row[1]);

  make_row(row, kPage);                      // mark: two
  scribble(row[0] + kPage, 3 * kPage + 10);  // mark: over_block
  free(row[0]);
  scribble(row[1] + kPage + 2, 5);  // mark: next
  free(row[1]);

  make_row(row, kPage);                      // mark: three
  free(row[1]);                              // mark: freed
  scribble(row[0] + kPage, 3 * kPage + 10);  // mark: over_freed
  free(row[0]);
  scribble(row[1] + 8, 5);  // mark: stale
  return 0;
}
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 4096-byte block
//   alloc: malloc: make@made < make_row@row < main@one
//   access: scribble@written < main@over_canary
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 4096-byte block
//   alloc: malloc: make@made < make_row@row < main@two
//   access: scribble@written < main@over_block
// FAULT: heap buffer overflow: write of 1 byte, 2 bytes after a 4096-byte block
//   alloc: malloc: make@made < make_row@row < main@two
//   access: scribble@written < main@next
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 4096-byte block
//   alloc: malloc: make@made < make_row@row < main@three
//   access: scribble@written < main@over_freed
// FAULT: use after free: write of 1 byte, 8 bytes inside a freed 4096-byte block
//   alloc: malloc: make@made < make_row@row < main@three
//   free: free: main@freed
//   access: scribble@written < main@stale

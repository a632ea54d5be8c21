// Touches memory beside and behind blocks that stand between guard pages: found at the
// instruction, reads like writes. Of two blocks of a site the first ends at a guard and
// the second begins at one.
//
// OPTIONS: --mode check
#include <stdlib.h>
#include <string.h>

static volatile int sum;

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static char* right;
static char* left;

static void make_both(size_t size) {
  for (volatile int i = 0; i < 2; ++i)
    *(i == 0 ? &right : &left) = make(size);  // mark: both
}

static void read_over(void) {
  make_both(64);     // mark: a
  sum += right[64];  // mark: read_over
}
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 64-byte block
//   alloc: malloc: make@made < make_both@both < read_over@a < main
//   access: read_over@read_over < main

static void read_under(void) {
  make_both(80);                   // mark: b
  sum += ((int*)(void*)left)[-1];  // mark: read_under
}
// FAULT: heap buffer underflow: read of 4 bytes, 4 bytes before an 80-byte block
//   alloc: malloc: make@made < make_both@both < read_under@b < main
//   access: read_under@read_under < main

static void write_over(void) {
  make_both(50);                         // mark: c
  *(long long*)(void*)(right + 64) = 1;  // mark: write_over
}
// FAULT: heap buffer overflow: write of 8 bytes, 14 bytes after a 50-byte block
//   alloc: malloc: make@made < make_both@both < write_over@c < main
//   access: write_over@write_over < main

static void write_into_slack(void) {
  make_both(60);  // mark: d
  right[61] = 1;
  free(right);  // mark: freed
}
// FAULT: heap buffer overflow: write of 1 byte, 1 byte after a 60-byte block
//   alloc: malloc: make@made < make_both@both < write_into_slack@d < main
//   found: free: write_into_slack@freed < main

static void read_freed(void) {
  char* block = make(100);  // mark: e
  free(block);              // mark: freed_e
  sum += block[99];         // mark: read_freed
}
// FAULT: use after free: read of 1 byte, 99 bytes inside a freed 100-byte block
//   alloc: malloc: make@made < read_freed@e < main
//   free: free: read_freed@freed_e < main
//   access: read_freed@read_freed < main

static void write_freed(void) {
  char* block = calloc(25, 8);        // mark: f
  char* moved = realloc(block, 400);  // mark: moved
  *(short*)(void*)(block + 10) = 1;   // mark: write_freed
  free(moved);
}
// FAULT: use after free: write of 2 bytes, 10 bytes inside a freed 200-byte block
//   alloc: calloc: write_freed@f < main
//   free: realloc: write_freed@moved < main
//   access: write_freed@write_freed < main

static void touch_nothing(void) {
  char* block = make(0);  // mark: g
  sum += *block;          // mark: touch
}
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 0-byte block
//   alloc: malloc: make@made < touch_nothing@g < main
//   access: touch_nothing@touch < main

// The blocks of a site that goes on are not guarded any more; once it is to blame, all
// are.
static void write_late(void) {
  for (int i = 0; i < 5000; ++i) {
    right = make(48);              // mark: h
    if (i >= 4990) right[48] = 1;  // mark: again
    free(right);                   // mark: freed_h
  }
}
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 48-byte block
//   alloc: malloc: make@made < write_late@h < main
//   found: free: write_late@freed_h < main
//   count: 1
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 48-byte block
//   alloc: malloc: make@made < write_late@h < main
//   access: write_late@again < main
//   count: 9

int main(void) {
  read_over();
  read_under();
  write_over();
  write_into_slack();
  read_freed();
  write_freed();
  touch_nothing();
  write_late();
  return 0;
}

// Does one wrong thing to one of many blocks of a place, as its argument says. A second
// run with the first one's trace stops at the instruction that did it: at a guard page,
// or at a breakpoint on the byte.
#include <stdlib.h>
#include <string.h>

enum { kBlocks = 3000, kGuilty = 2900, kSize = 24 };

static char* blocks[kBlocks];
static volatile long wide;

static char* make(void) {
  return malloc(kSize);  // mark: made
}

static void write_over(char* block) {
  block[kSize] = 1;  // mark: write_over
}

static void write_under(char* block) {
  block[-1] = 1;  // mark: write_under
}

static void write_wide(char* block) {
  *(long*)(void*)(block + kSize - 4) = wide;  // mark: write_wide
}

static void fill_over(char* block) {
  volatile char* at = block;
  for (int i = 0; i < kSize + 3; ++i) at[i] = 1;  // mark: fill
}

static void write_freed(char* block) {
  free(block);   // mark: freed
  block[5] = 1;  // mark: write_freed
}

// What reads ahead of the end of its string reads no more than that.
static void measure(char* block) {
  memset(block, 'x', kSize - 1);
  block[kSize - 1] = 0;
  for (int i = 0; i < 10; ++i) wide += strlen(block);
}

static void spoil(const char* how, char* block) {
  if (strcmp(how, "write-over") == 0) write_over(block);    // mark: a
  if (strcmp(how, "write-under") == 0) write_under(block);  // mark: b
  if (strcmp(how, "write-wide") == 0) write_wide(block);    // mark: c
  if (strcmp(how, "fill-over") == 0) fill_over(block);      // mark: d
  if (strcmp(how, "write-freed") == 0) write_freed(block);  // mark: e
}

int main(int argc, char** argv) {
  for (int i = 0; i < kBlocks; ++i) blocks[i] = make();  // mark: main
  for (int i = 0; i < kBlocks; ++i) measure(blocks[i]);
  spoil(argv[1], blocks[kGuilty]);  // mark: spoilt
  if (strcmp(argv[1], "write-freed") == 0) blocks[kGuilty] = NULL;
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);
  return 0;
}

// RUN: write-over
// PIN: --option pin_with=guard
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_over@write_over < spoil@a < main@spoilt

// RUN: write-over
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_over@write_over < spoil@a < main@spoilt

// The guilty block is sure of its guard, when all others have used the memory up.
// RUN: write-over
// PIN: --option guard_mib=1
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_over@write_over < spoil@a < main@spoilt

// RUN: write-under
// PIN: --option pin_with=guard
// FAULT: heap buffer underflow: write of 1 byte, 1 byte before a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_under@write_under < spoil@b < main@spoilt

// RUN: write-under
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer underflow: write of 1 byte, 1 byte before a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_under@write_under < spoil@b < main@spoilt

// RUN: write-wide
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 8 bytes, 0 bytes after a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: write_wide@write_wide < spoil@c < main@spoilt

// Three bytes in a row are one fault.
// RUN: fill-over
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: make@made < main@main
//   access: fill_over@fill < spoil@d < main@spoilt

// RUN: write-freed
// PIN: --option pin_with=guard
// FAULT: use after free: write of 1 byte, 5 bytes inside a freed 24-byte block
//   alloc: malloc: make@made < main@main
//   free: free: write_freed@freed < spoil@e < main@spoilt
//   access: write_freed@write_freed < spoil@e < main@spoilt

// RUN: write-freed
// PIN: --option pin_with=breakpoint
// FAULT: use after free: write of 1 byte, 5 bytes inside a freed 24-byte block
//   alloc: malloc: make@made < main@main
//   free: free: write_freed@freed < spoil@e < main@spoilt
//   access: write_freed@write_freed < spoil@e < main@spoilt

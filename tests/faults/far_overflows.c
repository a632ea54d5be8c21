// A loop runs past the end of a block, or before its begin, by some bytes or many, over
// other blocks and their canaries, live and freed: one report, of the block it began at.
//
// RUN: over 1
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 15
// FAULT: heap buffer overflow: write of up to 15 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 24
// FAULT: heap buffer overflow: write of up to 24 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 64
// FAULT: heap buffer overflow: write of up to 24 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 65
// FAULT: heap buffer overflow: write of up to 65 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 400
// FAULT: heap buffer overflow: write of up to 400 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 5000
// FAULT: heap buffer overflow: write of up to 5000 bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 100000
// FAULT: heap buffer overflow: write of up to * bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: over 1048576
// FAULT: heap buffer overflow: write of up to * bytes, 0 bytes after a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: under 1
// FAULT: heap buffer underflow: write of 1 byte, 1 byte before a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: under 16
// FAULT: heap buffer underflow: write of up to 16 bytes, 16 bytes before a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: under 20
// FAULT: heap buffer underflow: write of up to 20 bytes, 20 bytes before a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: under 2000
// FAULT: heap buffer underflow: write of up to 2000 bytes, 2000 bytes before a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
// RUN: under 1048586
// FAULT: heap buffer underflow: write of up to * bytes, * bytes before a 40-byte block
//   alloc: malloc: make@made < main@guilty
//   found: free: main@freed
#include <stdlib.h>
#include <string.h>

enum { kBlocks = 40000, kGuilty = 20000 };

static __attribute__((noinline)) char* make(void) {
  return malloc(40);  // mark: made
}

static __attribute__((noinline)) void scribble(char* first, long bytes) {
  for (long i = 0; i < bytes; ++i) first[i] = '\0';
}

static __attribute__((noinline)) void scribble_backwards(char* last, long bytes) {
  for (long i = 0; i < bytes; ++i) last[-i] = '\0';
}

int main(int argc, char** argv) {
  static char* blocks[kBlocks];
  const long bytes = atol(argv[2]);
  for (int i = 0; i < kBlocks; ++i) {
    if (i == kGuilty) {
      blocks[i] = make();  // mark: guilty
    } else {
      blocks[i] = make();
    }
    memset(blocks[i], 'u', 40);
  }
  char* guilty = blocks[kGuilty];
  if (strcmp(argv[1], "over") == 0) {
    scribble(guilty + 40, bytes);
  } else {
    scribble_backwards(guilty - 1, bytes);
  }
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);  // mark: freed
  return 0;
}

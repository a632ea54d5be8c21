// What mem* does to blocks is seen in its arguments, at once, whatever the size; and is
// not found a second time when the block is freed, nor in its neighbours.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char g_from[1 << 21];

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static void copy_over(char* block) { memcpy(block, g_from, 20); }

static void copy_far_over(char* block) {
  memcpy(block + 4, g_from, 3000);  // mark: far
}

static void copy_from_behind(char* block) { memcpy(g_from, block + 10, 1); }

static void set_in_front(char* block) { memset(block - 8, 1, 8); }

static void set_across_the_begin(char* block) { memset(block - 1, 1, 4); }

static void move_freed(char* block) {
  memmove(g_from, block + 2, 4);  // mark: moved
}

static void clear_freed(char* block) { bzero(block, 24); }

static void put_back(char* block) {
  free(block);  // mark: freed
}

// RUN: over
// FAULT: heap buffer overflow: write of 20 bytes, 10 more than are left of a 10-byte block
//   alloc: malloc: make@made < main
//   access: copy_over < main
//   through: memcpy
//
// RUN: far
// FAULT: heap buffer overflow: write of 3000 bytes, 2994 more than are left of a 10-byte block
//   alloc: malloc: make@made < main
//   access: copy_far_over@far < main
//   through: memcpy
//
// RUN: behind
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 10-byte block
//   alloc: malloc: make@made < main
//   access: copy_from_behind < main
//   through: memcpy
//
// RUN: front
// FAULT: heap buffer underflow: write of 8 bytes, 8 bytes before a 10-byte block
//   alloc: malloc: make@made < main
//   access: set_in_front < main
//   through: memset
//
// RUN: begin
// FAULT: heap buffer underflow: write of 4 bytes, 1 byte before a 10-byte block
//   alloc: malloc: make@made < main
//   access: set_across_the_begin < main
//   through: memset
//
// RUN: freed
// FAULT: use after free: read of 4 bytes, 2 bytes inside a freed 10-byte block
//   alloc: malloc: make@made < main
//   free: free: put_back@freed < main
//   access: move_freed@moved < main
//   through: memmove
//
// RUN: cleared
// FAULT: use after free: write of 24 bytes, 0 bytes inside a freed 24-byte block
//   alloc: malloc: make@made < main
//   free: free: put_back@freed < main
//   access: clear_freed < main
//   through: bzero
//
// RUN: again
// FAULT: heap buffer overflow: write of 20 bytes, 10 more than are left of a 10-byte block
//   alloc: malloc: make@made < main
//   access: copy_over < main
//   through: memcpy
//   count: 5
//
// RUN: huge
// FAULT: heap buffer overflow: write of 1053576 bytes, 5000 more than are left of a 1048576-byte block
//   alloc: malloc: make@made < main
//   access: main@huge
//   through: memset
//
// RUN: huge_freed
// FAULT: use after free: read of 8192 bytes, 4096 bytes inside a freed 1048576-byte block
//   alloc: malloc: make@made < main
//   free: free: put_back@freed < main
//   access: main@huge_freed
//   through: memcpy
//
// RUN: overlap
// FAULT: overlapping memory: write of 40 bytes between ranges that begin 4 bytes apart
//   alloc: malloc: make@made < main
//   access: main@overlap
//   through: memcpy
//
// RUN: static
// FAULT: overlapping memory: write of 40 bytes between ranges that begin 8 bytes apart
//   access: main@static
//   through: memcpy
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  char* blocks[64];
  for (int i = 0; i < 64; ++i) blocks[i] = malloc(10);
  for (int i = 1; i < 64; i += 2) free(blocks[i]);
  if (strcmp(what, "over") == 0) {
    char* block = make(10);
    copy_over(block);
    put_back(block);
  } else if (strcmp(what, "far") == 0) {
    char* block = make(10);
    copy_far_over(block);
    put_back(block);
  } else if (strcmp(what, "behind") == 0) {
    copy_from_behind(make(10));
  } else if (strcmp(what, "front") == 0) {
    char* block = make(10);
    set_in_front(block);
    put_back(block);
  } else if (strcmp(what, "begin") == 0) {
    set_across_the_begin(make(10));
  } else if (strcmp(what, "freed") == 0) {
    char* block = make(10);
    put_back(block);
    move_freed(block);
  } else if (strcmp(what, "cleared") == 0) {
    char* block = make(24);
    put_back(block);
    clear_freed(block);
  } else if (strcmp(what, "again") == 0) {
    for (int i = 0; i < 5; ++i) {
      char* block = make(10);
      copy_over(block);
      put_back(block);
    }
  } else if (strcmp(what, "huge") == 0) {
    char* block = make(1 << 20);
    memset(block, 1, (1 << 20) + 5000);  // mark: huge
    put_back(block);
  } else if (strcmp(what, "huge_freed") == 0) {
    char* block = make(1 << 20);
    put_back(block);
    memcpy(g_from, block + 4096, 8192);  // mark: huge_freed
  } else if (strcmp(what, "overlap") == 0) {
    char* block = make(80);
    memset(block, 1, 80);
    memcpy(block, block, 80);      // the same range is tolerated by everybody
    memcpy(block + 4, block, 40);  // mark: overlap
  } else {
    memmove(g_from, g_from + 8, 40);
    memcpy(g_from, g_from + 8, 40);  // mark: static
  }
  for (int i = 0; i < 64; i += 2) free(blocks[i]);
  return 0;
}

// Wrong writes that jump over the guard page beside their block. A second run has the
// block at the other end of its pages: there the guard page lies further off, or canary
// where a breakpoint stands.
//
// PIN:
#include <stdlib.h>
#include <string.h>

enum { kSmall = 200, kMedium = 33000, kAway = 5000, kLong = 300 };

static void touch(char* at) {
  *(volatile char*)at = 1;  // mark: touch
}

static void fill(char* at) {
  volatile char* to = at;
  for (int i = 0; i < kLong; ++i) to[i] = 1;  // mark: fill
}

// Over slots in which nothing has lived yet, to redzones among them.
static void jump_over_page(void) {
  char* block = malloc(kSmall);  // mark: small
  fill(block + kSmall + kAway);  // mark: far
}

// Its pages have room for the byte.
static void stay_in_pages(void) {
  char* block = malloc(kMedium);   // mark: medium
  touch(block + kMedium + kAway);  // mark: behind
  free(block);                     // mark: freed
}

// No guard page can be where such a block wants to be.
static void jump_below(void) {
  char* block = aligned_alloc(32768, 100);  // mark: aligned
  touch(block - kAway);                     // mark: below
  free(block);                              // mark: freed_aligned
}

int main(int argc, char** argv) {
  if (strcmp(argv[1], "over-page") == 0) jump_over_page();  // mark: a
  if (strcmp(argv[1], "in-pages") == 0) stay_in_pages();    // mark: b
  if (strcmp(argv[1], "below") == 0) jump_below();          // mark: c
  return 0;
}

// RUN: over-page
// PIN: --option pin_with=guard
// FAULT: heap buffer overflow: write of 1 byte, 5000 bytes after a 200-byte block
//   alloc: malloc: jump_over_page@small < main@a
//   access: fill@fill < jump_over_page@far < main@a

// RUN: in-pages
// FAULT: heap buffer overflow: write of 1 byte, 5000 bytes after a 33000-byte block
//   alloc: malloc: stay_in_pages@medium < main@b
//   access: touch@touch < stay_in_pages@behind < main@b
//   refused: free: stay_in_pages@freed < main@b

// RUN: below
// FAULT: heap buffer underflow: write of 1 byte, 5000 bytes before a 100-byte block
//   alloc: aligned_alloc: jump_below@aligned < main@c
//   access: touch@touch < jump_below@below < main@c
//   refused: free: jump_below@freed_aligned < main@c

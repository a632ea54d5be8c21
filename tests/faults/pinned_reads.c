// Reads beside one of many blocks: found in guard mode, and by a second run that only has
// a breakpoint on the byte, or a guard for the blocks of one place. What reads ahead of
// the end of a string (strlen) is not blamed for it.
//
// OPTIONS: --mode guard
#include <stdlib.h>
#include <string.h>

enum { kBlocks = 500, kGuilty = 444, kSize = 32 };

static char* blocks[kBlocks];
static volatile char seen;
static volatile long wide;

static char* make(void) {
  return malloc(kSize);  // mark: made
}

static void read_over(char* block) {
  seen = block[kSize];  // mark: read_over
}

static void read_under(char* block) {
  wide = ((long*)(void*)block)[-1];  // mark: read_under
}

static void call_over(char* block) {
  void (**function)(void) = (void (**)(void))(void*)(block + kSize);
  if (seen == 1) (*function)();
  seen = ((volatile char*)function)[3];  // mark: call_over
}

static void measure(char* block) {
  memset(block, 'x', kSize - 1);
  block[kSize - 1] = 0;
  for (int i = 0; i < 10; ++i) wide += strlen(block);
}

static void misread(const char* how, char* block) {
  if (strcmp(how, "over") == 0) read_over(block);    // mark: a
  if (strcmp(how, "under") == 0) read_under(block);  // mark: b
  if (strcmp(how, "later") == 0) call_over(block);   // mark: c
}

int main(int argc, char** argv) {
  // Blocks lie at the end and the begin of their pages by turns.
  const int guilty = strcmp(argv[1], "under") == 0 ? kGuilty + 1 : kGuilty;
  for (int i = 0; i < kBlocks; ++i) blocks[i] = make();  // mark: main
  for (int i = 0; i < kBlocks; ++i) measure(blocks[i]);
  misread(argv[1], blocks[guilty]);  // mark: misread
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);
  return 0;
}

// RUN: over
// PIN: --option pin_with=guard
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 32-byte block
//   alloc: malloc: make@made < main@main
//   access: read_over@read_over < misread@a < main@misread

// RUN: over
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: read of 1 byte, 0 bytes after a 32-byte block
//   alloc: malloc: make@made < main@main
//   access: read_over@read_over < misread@a < main@misread

// RUN: under
// PIN: --option pin_with=guard
// FAULT: heap buffer underflow: read of 8 bytes, 8 bytes before a 32-byte block
//   alloc: malloc: make@made < main@main
//   access: read_under@read_under < misread@b < main@misread

// RUN: under
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer underflow: read of 8 bytes, 8 bytes before a 32-byte block
//   alloc: malloc: make@made < main@main
//   access: read_under@read_under < misread@b < main@misread

// RUN: later
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: read of 1 byte, 3 bytes after a 32-byte block
//   alloc: malloc: make@made < main@main
//   access: call_over@call_over < misread@c < main@misread

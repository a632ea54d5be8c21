// Makes thousands of blocks at one place, and does something wrong with one of the last:
// "over" and "under" write or "read-over" and "read-under" read a byte beside it, "freed"
// writes into it when it is freed. "cleaned" before it: in a new image of the program,
// which has no environment.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kBlocks = 5000, kSpoilt = 4990, kSize = 13 };

static char* blocks[kBlocks];
static volatile char sum;

static char* make(void) { return malloc(kSize); }

static void spoil(const char* how, char* block) {
  if (strcmp(how, "over") == 0) block[kSize] = 1;
  if (strcmp(how, "under") == 0) block[-1] = 1;
  if (strcmp(how, "read-over") == 0) sum = block[kSize];
  if (strcmp(how, "read-under") == 0) sum = block[-1];
  if (strcmp(how, "freed") == 0) {
    free(block);
    block[5] = 1;
  }
}

int main(int argc, char** argv) {
  if (strcmp(argv[1], "cleaned") == 0) {
    char* nothing[] = {NULL};
    char* words[] = {argv[0], argv[2], NULL};
    execve(argv[0], words, nothing);
    return 1;
  }
  for (int i = 0; i < kBlocks; ++i) blocks[i] = make();
  // What the first run finds, whatever the second looks for.
  if (argc > 2) spoil(argv[2], blocks[kSpoilt - 1]);
  spoil(argv[1], blocks[kSpoilt]);
  const int freed = argc == 2 && strcmp(argv[1], "freed") == 0 ? kSpoilt : -1;
  for (int i = 0; i < kBlocks; ++i) {
    if (i != freed) free(blocks[i]);
  }
  return 0;
}

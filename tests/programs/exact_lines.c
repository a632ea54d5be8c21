// One thread, known numbers on every line: loops, growing blocks, temporaries, a function
// called from two places. Writes nothing: a stdio buffer would be one more block.
// EVENTS: malloc 1225; calloc 40; realloc 90; free 1186
#include <stdlib.h>
#include <string.h>

static void* volatile kept;

// Called from two places: two stacks, one line.
static __attribute__((noinline)) char* make_text(size_t size) {
  char* text = malloc(size);  // ALLOC: malloc 25 in 850, leaked 5 in 50
  if (text == NULL) abort();
  return memset(text, 'x', size);
}

static __attribute__((noinline)) void grow(void) {
  char* block = malloc(8);  // ALLOC: malloc 10 x 8
  for (size_t size = 16; size <= 128; size += 16) {
    block = realloc(block, size);  // ALLOC: realloc 80 in 5760
  }
  free(block);
}

static __attribute__((noinline)) void keep_every_tenth(void) {
  for (int i = 0; i < 40; ++i) {
    void* block = calloc(3, 100);  // ALLOC: calloc 40 x 300, leaked 4
    if (i % 10 == 0) {
      kept = block;
    } else {
      free(block);
    }
  }
}

int main(void) {
  for (int i = 0; i < 1000; ++i) {
    kept = malloc(64);  // ALLOC: malloc 1000 x 64
    free(kept);
  }
  for (int i = 0; i < 5; ++i) kept = make_text(10);
  for (int i = 0; i < 20; ++i) free(make_text(40));
  for (int i = 0; i < 10; ++i) grow();
  keep_every_tenth();

  void* blocks[190];
  for (int i = 0; i < 90; ++i) blocks[i] = malloc(500);  // ALLOC: malloc 90 x 500
  // ALLOC: malloc 100 in 13950, leaked 60 in 9570
  for (int i = 90; i < 190; ++i) blocks[i] = malloc((size_t)i);
  for (int i = 0; i < 130; ++i) {
    // ALLOC: realloc 10 x 600, leaked 10
    if (i >= 10 && i < 20) blocks[i] = realloc(blocks[i], 600);
    if (i < 10 || i >= 20) free(blocks[i]);
  }
  return 0;
}

// To be opened and closed: its constructor and destructor allocate, and so does work().
#include <stdlib.h>

int work(int number);

static void* block;
static void* volatile kept;

__attribute__((constructor)) static void construct(void) { block = malloc(64); }

__attribute__((destructor)) static void destruct(void) {
  free(block);
  free(calloc(1, 32));
}

int work(int number) {
  if (number == 0) kept = malloc(16);
  return number;
}

// Says "begun", allocates a little, waits for a line on its input, allocates two million
// more blocks on two threads, and says the sum of what it kept in them.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static __attribute__((noinline)) uint64_t use_blocks(int count) {
  uint64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    uint64_t* block = malloc(sizeof *block);
    *block = (uint64_t)i;
    sum += *block;
    free(block);
  }
  return sum;
}

static void* run(void* sum) {
  *(uint64_t*)sum = use_blocks(1000000);
  return NULL;
}

int main(void) {
  use_blocks(1000);
  if (write(STDOUT_FILENO, "begun\n", 6) != 6) return 1;
  char byte;
  if (read(STDIN_FILENO, &byte, 1) != 1) return 1;
  uint64_t sum = 0;
  pthread_t thread;
  pthread_create(&thread, NULL, run, &sum);
  const uint64_t own = use_blocks(1000000);
  pthread_join(thread, NULL);
  char line[64];
  const int length =
      snprintf(line, sizeof line, "%llu\n", (unsigned long long)(sum + own));
  return write(STDOUT_FILENO, line, (size_t)length) == length ? 9 : 1;
}

// Ends while five threads allocate, each of which counts in a file what it has.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kThreads = 5 };

static _Atomic unsigned long* counts;

static void* work(void* number) {
  for (;;) {
    void* block = calloc(1, 48);
    ++counts[(size_t)number];
    free(block);
  }
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const int file = open(argv[1], O_CREAT | O_RDWR, 0600);
  const size_t bytes = kThreads * sizeof *counts;
  if (file < 0 || ftruncate(file, (off_t)bytes) != 0) return 2;
  counts = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  for (size_t i = 0; i < kThreads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, (void*)i) != 0) return 3;
  }
  for (int i = 0; i < kThreads; ++i) {
    while (counts[i] < 1000) sched_yield();
  }
  if (strcmp(argv[2], "_exit") == 0) _exit(5);
  if (strcmp(argv[2], "kill") == 0) kill(getpid(), SIGKILL);
  return 4;
}

// Another thread than main ends the process; functions registered for the end run in it.
// EXIT: 17
// THREADS: 2
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void* volatile kept;

static void at_the_end(void) {
  kept = malloc(31);  // ALLOC: malloc 1 x 31, leaked 1
}

static void* end(void* unused) {
  (void)unused;
  kept = malloc(32);  // ALLOC: malloc 1 x 32, leaked 1
  exit(17);
}

int main(void) {
  atexit(at_the_end);
  pthread_t thread;
  pthread_create(&thread, NULL, end, NULL);
  for (;;) pause();
}

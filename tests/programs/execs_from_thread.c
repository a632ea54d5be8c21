// Another thread than main replaces the program while three more allocate: they are gone,
// and the new image, which has the same number, begins with one thread.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void* volatile kept;
static atomic_int busy;

static void* work(void* unused) {
  ++busy;
  for (;;) free(malloc(48));
  return unused;
}

static void* replace(void* self) {
  char* words[] = {self, "again", NULL};
  char* none[] = {NULL};
  while (busy < 3) sched_yield();
  execve(self, words, none);
  _exit(1);
}

int main(int argc, char** argv) {
  if (argc == 2) {
    kept = malloc(77);
    return 5;
  }
  kept = malloc(33);
  pthread_t thread;
  for (int i = 0; i < 3; ++i) pthread_create(&thread, NULL, work, NULL);
  pthread_create(&thread, NULL, replace, argv[0]);
  for (;;) pause();
}

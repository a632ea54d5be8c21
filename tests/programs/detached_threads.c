// Detached threads, one after the other and all at once; nobody waits for their end.
// THREADS: 61
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

enum { kThreads = 60 };

static void* volatile kept;
static sem_t done;

static void* work(void* unused) {
  for (int i = 0; i < 50; ++i) free(malloc(48));  // ALLOC: malloc 3000 x 48
  kept = malloc(90);                              // ALLOC: malloc 60 x 90, leaked 60
  sem_post(&done);
  return unused;
}

int main(void) {
  sem_init(&done, 0, 0);
  for (int i = 0; i < kThreads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
    pthread_detach(thread);
    if (i < kThreads / 2) sem_wait(&done);
  }
  for (int i = 0; i < kThreads / 2; ++i) sem_wait(&done);
  return 0;
}

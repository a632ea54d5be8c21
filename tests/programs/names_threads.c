// Threads that name themselves, or are named by others, and one without a name of its
// own.
// THREADS: 4
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>

static pthread_barrier_t started, named;
static void* volatile kept;

static void* by_pthread(void* unused) {
  pthread_setname_np(pthread_self(), "by-pthread");
  kept = malloc(11);  // ALLOC: malloc 1 x 11, leaked 1
  return unused;
}

static void* by_prctl(void* unused) {
  prctl(PR_SET_NAME, "by-prctl", 0, 0, 0);
  kept = malloc(12);  // ALLOC: malloc 1 x 12, leaked 1
  return unused;
}

static void* by_another(void* unused) {
  pthread_barrier_wait(&started);
  pthread_barrier_wait(&named);
  kept = malloc(13);  // ALLOC: malloc 1 x 13, leaked 1
  return unused;
}

static void run(void* (*function)(void*)) {
  pthread_t thread;
  pthread_create(&thread, NULL, function, NULL);
  if (function == by_another) {
    pthread_barrier_wait(&started);
    pthread_setname_np(thread, "by-another");
    pthread_barrier_wait(&named);
  }
  pthread_join(thread, NULL);
}

int main(void) {
  pthread_barrier_init(&started, NULL, 2);
  pthread_barrier_init(&named, NULL, 2);
  run(by_pthread);
  run(by_prctl);
  run(by_another);
  return 0;
}

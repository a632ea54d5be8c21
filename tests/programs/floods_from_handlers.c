// A signal handler that allocates more than a small ring holds, wherever it interrupts
// the thread, which is most often in the recording of an event. Says how many blocks it
// made.
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { kSignals = 200, kBlocks = 300, kPage = 4096 };

static atomic_int came;

static void flood(int number) {
  (void)number;
  if (came == kSignals) return;
  for (int i = 0; i < kBlocks; ++i) free(malloc(72));
  ++came;
}

static void* pester(void* thread) {
  const struct timespec pause = {0, 100000};
  while (came < kSignals) {
    pthread_kill(*(pthread_t*)thread, SIGUSR1);
    nanosleep(&pause, NULL);
  }
  return NULL;
}

int main(void) {
  struct sigaction action = {.sa_handler = flood};
  sigaction(SIGUSR1, &action, NULL);
  pthread_t self = pthread_self();
  pthread_t pesterer;
  pthread_create(&pesterer, NULL, pester, &self);
  // Mappings alone: the handler must not meet the locks of malloc().
  while (came < kSignals) {
    void* page = mmap(NULL, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, kPage);
  }
  pthread_join(pesterer, NULL);
  printf("%d\n", came * kBlocks);
  return 0;
}

// Threads without a ring of their own, if there are more of them than rings: a timer's
// signal leaves whatever they do, the recording of an event included, by siglongjmp().
// Nobody waits for ever, and only what was left is missing. Says how many mappings it
// made.
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { kThreads = 4, kJumps = 300, kPage = 4096 };

static _Thread_local sigjmp_buf home;
static _Thread_local volatile sig_atomic_t may_jump;
static _Thread_local volatile int jumps;

static void jump(int number) {
  (void)number;
  if (may_jump) siglongjmp(home, 1);
}

static atomic_int ended;
static atomic_int mapped;

// Mappings alone: a jump out of malloc() would leave its locks behind.
static void* work(void* unused) {
  while (jumps < kJumps) {
    if (sigsetjmp(home, 1) != 0) ++jumps;
    may_jump = 1;
    for (int i = 0; i < 2000 && jumps < kJumps; ++i) {
      void* page = mmap(NULL, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      ++mapped;
      munmap(page, kPage);
    }
    may_jump = 0;
  }
  ++ended;
  return unused;
}

static atomic_int stop;
static pthread_t threads[kThreads];

static void* pester(void* unused) {
  const struct timespec pause = {0, 50000};
  for (unsigned i = 0; !stop; ++i) {
    pthread_kill(threads[i % kThreads], SIGUSR1);
    nanosleep(&pause, NULL);
  }
  return unused;
}

int main(void) {
  struct sigaction action = {.sa_handler = jump};
  sigaction(SIGUSR1, &action, NULL);
  free(malloc(10));
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, work, NULL);
  pthread_t pesterer;
  pthread_create(&pesterer, NULL, pester, NULL);
  for (int i = 0; i < kThreads; ++i) {
    while (ended <= i) sched_yield();
  }
  stop = 1;
  pthread_join(pesterer, NULL);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("%d\n", mapped);
  return 0;
}

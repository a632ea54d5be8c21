// A timer interrupts the program everywhere, two thousand times a second, while it
// allocates on two threads; the handler only counts. Every block is recorded once.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static void* volatile kept;
static volatile sig_atomic_t ticks;

static void on_signal(int signal) {
  (void)signal;
  ++ticks;
}

static void* run(void* unused) {
  for (int i = 0; i < 300000; ++i) {
    void* block = malloc(32);  // ALLOC: malloc 600000 x 32, leaked 6
    if (i % 100000 != 0) {
      free(block);
    } else {
      kept = block;
    }
  }
  return unused;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_signal};  // no SA_RESTART
  if (sigaction(SIGALRM, &action, NULL) != 0) return 1;
  const struct itimerval often = {{0, 500}, {0, 500}};
  if (setitimer(ITIMER_REAL, &often, NULL) != 0) return 1;
  pthread_t thread;
  pthread_create(&thread, NULL, run, NULL);
  run(NULL);
  pthread_join(thread, NULL);
  const struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
  return ticks > 0 ? 0 : 1;
}

// Allocates where there is little stack left: in threads with the smallest stack there
// may be, and in a signal handler on a small stack of its own.
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { kSignalStackBytes = 8192 };

static void* volatile kept;
static char signal_stack[kSignalStackBytes];

static void allocate_here(void) {
  kept = malloc(90);  // ALLOC: malloc 30 x 90
  free(kept);
}

static void on_signal(int signal) {
  (void)signal;
  allocate_here();
}

static void* run(void* unused) {
  for (int i = 0; i < 10; ++i) allocate_here();
  return unused;
}

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN) != 0) return 1;
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, run, NULL) != 0) return 1;
    pthread_join(thread, NULL);
  }
  const stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  if (sigaltstack(&stack, NULL) != 0) return 1;
  if (sigaction(SIGUSR1, &action, NULL) != 0) return 1;
  for (int i = 0; i < 10; ++i) raise(SIGUSR1);
  return 0;
}

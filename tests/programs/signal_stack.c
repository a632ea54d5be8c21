// A signal handler on a stack of its own allocates: its stack goes on in what it
// interrupted.
#include <signal.h>
#include <stdlib.h>

static void* volatile kept;
static char stack_memory[65536];

static void on_signal(int signal) {
  (void)signal;
  // ALLOC: malloc 50 x 70
  // STACK: on_signal < ... < interrupted < main
  kept = malloc(70);
  free(kept);
}

static __attribute__((noinline)) void interrupted(void) {
  // ALLOC: malloc 50 x 71
  // STACK: interrupted < main
  kept = malloc(71);
  free(kept);
  raise(SIGUSR1);
  // ALLOC: malloc 50 x 72, leaked 50
  // STACK: interrupted < main
  kept = malloc(72);
}

int main(void) {
  stack_t stack = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  if (sigaltstack(&stack, NULL) != 0) return 1;
  if (sigaction(SIGUSR1, &action, NULL) != 0) return 1;
  for (int i = 0; i < 50; ++i) interrupted();
  return 0;
}

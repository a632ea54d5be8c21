// Has handlers of its own for what kills others, and goes on: reads from nowhere, divides
// by zero, executes nonsense, raises what abort() raises. Every handler allocates.
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { kRounds = 50 };

static void* volatile kept;
static sigjmp_buf home;
static volatile int zero;
static const int kSignals[] = {SIGSEGV, SIGFPE, SIGILL, SIGABRT, SIGBUS, SIGTERM};
enum { kCount = sizeof kSignals / sizeof *kSignals };

static void recover(int number) {
  free(malloc(30));  // ALLOC: malloc 300 x 30
  siglongjmp(home, number);
}

static void fault(int number) {
  kept = malloc(40);  // ALLOC: malloc 300 x 40
  free(kept);
  if (number == SIGSEGV) *(volatile int*)8 = 1;
  if (number == SIGFPE) zero = 77 / zero;
  if (number == SIGILL) __builtin_trap();
  raise(number);
}

int main(void) {
  for (int i = 0; i < kCount; ++i) {
    struct sigaction action = {.sa_handler = recover, .sa_flags = SA_NODEFER};
    if (sigaction(kSignals[i], &action, NULL) != 0) return 1;
  }
  for (volatile int round = 0; round < kRounds; ++round) {
    for (volatile int i = 0; i < kCount; ++i) {
      if (sigsetjmp(home, 1) == 0) {
        fault(kSignals[i]);
        return 2;
      }
      struct sigaction now;
      if (sigaction(kSignals[i], NULL, &now) != 0 || now.sa_handler != recover) return 3;
    }
  }
  return 0;
}

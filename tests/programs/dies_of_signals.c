// Writes one byte behind a block, and ends: by the signal whose number is the first
// argument, in the way that is usual for it. A second argument says what its own handler
// does before: "returns" or "raises" it again with the default action.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;
static char* volatile block;
static void* volatile nowhere = (void*)8;

static void on_signal(int number) {
  (void)number;
  if (write(STDOUT_FILENO, "handled\n", 8) != 8) _exit(98);
}

static void on_signal_again(int number) {
  on_signal(number);
  signal(number, SIG_DFL);
  raise(number);
}

int main(int argc, char** argv) {
  const int number = atoi(argv[1]);
  block = malloc(100);
  block[100] = 'x';
  if (argc > 2) {
    signal(number, strcmp(argv[2], "raises") == 0 ? on_signal_again : on_signal);
  }
  if (number == SIGABRT) abort();
  if (number == SIGSEGV && argc < 3) *(volatile int*)nowhere = 1;
  if (number == SIGFPE && argc < 3) zero = 77 / zero;
  if (number == SIGILL && argc < 3) __builtin_trap();
  raise(number);
  _exit(7);
}

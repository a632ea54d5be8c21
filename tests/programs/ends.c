// Ends in the way that its argument says; a block was kept and one freed before, and the
// functions registered for the end have run or not, as the C library decides.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void* volatile kept;

static void say(const char* text) {
  if (write(STDOUT_FILENO, text, strlen(text)) < 0) _exit(99);
}

static void say_exit(void) { say("at exit\n"); }
static void say_quick_exit(void) { say("at quick exit\n"); }

static void say_and_go(int number) {
  say("handler\n");
  _exit(number + 50);
}

static void say_and_return(int number) {
  say("handler\n");
  free(NULL);
  signal(number, SIG_DFL);
}

static volatile int zero;

static int end(const char* how) {
  if (strncmp(how, "own_", 4) == 0) {
    how += 4;
    signal(SIGSEGV, say_and_go);
    signal(SIGTERM, say_and_go);
    signal(SIGFPE, say_and_return);
    signal(SIGABRT, say_and_return);
  }
  if (strcmp(how, "fpe") == 0) zero = 77 / zero;
  if (strcmp(how, "exit") == 0) exit(11);
  if (strcmp(how, "_exit") == 0) _exit(12);
  if (strcmp(how, "_Exit") == 0) _Exit(13);
  if (strcmp(how, "quick_exit") == 0) quick_exit(14);
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "trap") == 0) __builtin_trap();
  if (strcmp(how, "segfault") == 0) *(volatile int*)8 = 1;
  if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(how, "term") == 0) raise(SIGTERM);
  return 15;
}

int main(int argc, char** argv) {
  atexit(say_exit);
  at_quick_exit(say_quick_exit);
  kept = malloc(100);
  free(malloc(200));
  return argc == 2 ? end(argv[1]) : 1;
}

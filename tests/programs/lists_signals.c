// Says how every signal is dealt with at the beginning, in a thread and in a child: all
// is as the system made it, and nothing is blocked that was not.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(const char* where) {
  sigset_t blocked;
  stack_t stack;
  pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  sigaltstack(NULL, &stack);
  printf("%s: alternate stack %d\n", where, stack.ss_flags);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    printf("%d: %s, flags %x, %s\n", number,
           action.sa_handler == SIG_DFL   ? "default"
           : action.sa_handler == SIG_IGN ? "ignored"
                                          : "handler",
           (unsigned)action.sa_flags, sigismember(&blocked, number) ? "blocked" : "open");
  }
  fflush(stdout);
}

static void* run(void* block) {
  free(block);
  list("thread");
  return NULL;
}

int main(void) {
  list("main");
  pthread_t thread;
  pthread_create(&thread, NULL, run, malloc(10));  // ALLOC: malloc 1 x 10
  pthread_join(thread, NULL);
  const pid_t pid = fork();
  if (pid == 0) {
    free(malloc(20));  // ALLOC: malloc 1 x 20
    list("child");
    _exit(0);
  }
  return waitpid(pid, NULL, 0) != pid;
}

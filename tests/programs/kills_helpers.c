// Makes helpers in its own memory by a bare clone(CLONE_VM), and kills each of them in
// the middle of whatever it does, which is mapping and unmapping.
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kHelpers = 40, kRounds = 1000, kStack = 65536, kPage = 4096 };

static atomic_int rounds;
static char stack[kStack] __attribute__((aligned(16)));

static int help(void* unused) {
  (void)unused;
  for (;; ++rounds) {
    void* page = mmap(NULL, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, kPage);
  }
  return 0;
}

int main(void) {
  for (int i = 0; i < kHelpers; ++i) {
    rounds = 0;
    const pid_t helper = clone(help, stack + kStack, CLONE_VM | SIGCHLD, NULL);
    if (helper < 0) return 1;
    while (rounds < 100) sched_yield();
    kill(helper, SIGKILL);
    for (int round = 0; round < kRounds; ++round) free(malloc(48));
    if (waitpid(helper, NULL, 0) != helper) return 2;
  }
  return 0;
}

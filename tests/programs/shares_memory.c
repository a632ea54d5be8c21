// Helpers made by a bare clone(CLONE_VM): processes of their own in this memory, on this
// thread's very thread-locals, that run beside it. They map and unmap, as it does itself
// at the same moment, and none of them spoils what the other records.
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kRounds = 20000, kHelpers = 2, kStack = 65536, kPage = 4096 };

static atomic_int started;
static void* volatile kept;

static int help(void* unused) {
  (void)unused;
  ++started;
  for (int i = 0; i < kRounds; ++i) {
    // ALLOC: mmap 40000 x 4096
    void* page = mmap(NULL, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, kPage);
  }
  return 7;
}

int main(void) {
  kept = malloc(100);  // ALLOC: malloc 1 x 100, leaked 1
  pid_t helpers[kHelpers];
  for (int i = 0; i < kHelpers; ++i) {
    char* stack = malloc(kStack);  // ALLOC: malloc 2 x 65536, leaked 2
    helpers[i] = clone(help, stack + kStack, CLONE_VM | SIGCHLD, NULL);
    if (helpers[i] < 0) return 1;
  }
  while (started < kHelpers) sched_yield();
  for (int i = 0; i < kRounds; ++i) free(malloc(48));  // ALLOC: malloc 20000 x 48
  for (int i = 0; i < kHelpers; ++i) {
    int status = 0;
    if (waitpid(helpers[i], &status, 0) != helpers[i]) return 2;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) return 3;
  }
  return 0;
}

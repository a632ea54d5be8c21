// Ends at once and leaves a daemon behind (its grandchild, in a session of its own),
// which waits until a file named "go" appears, allocates, and exits with 8.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

static int be_daemon(int early) {
  setsid();
  if (early) kept = malloc(5);
  for (int fd = 0; fd < 64; ++fd) close(fd);
  for (int tries = 0; access("go", F_OK) != 0; ++tries) {
    if (tries == 50000) return 1;  // nobody wants it any more
    usleep(2000);
  }
  for (int i = 0; i < 30; ++i) kept = malloc(10);
  return 8;
}

int main(int argc, char** argv) {
  (void)argv;
  const pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) _exit(be_daemon(argc > 1));
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1;
  kept = malloc(20);
  return 3;
}

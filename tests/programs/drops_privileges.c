// Becomes another user, as servers do, and forks a worker that allocates. Both must run
// as ever, whatever becomes of their recording. Exits with 9; with 77 where it may not.
#include <grp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

int main(void) {
  kept = malloc(100);
  if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0) return 77;
  kept = malloc(200);
  const pid_t worker = fork();
  if (worker == 0) {
    for (int i = 0; i < 100000; ++i) free(malloc(64));
    _exit(4);
  }
  int status = 0;
  if (waitpid(worker, &status, 0) != worker || WEXITSTATUS(status) != 4) return 1;
  kept = malloc(300);
  return 9;
}

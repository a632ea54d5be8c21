// Has one child and waits for any: whoever else it meets was not started by it. Prints
// the number of children met.
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int status = 0;
  if (waitpid(-1, &status, WNOHANG) != -1 || errno != ECHILD) return 1;
  const pid_t child = fork();
  if (child == 0) {
    free(malloc(100));
    _exit(6);
  }
  char met = '0';
  pid_t ended;
  while ((ended = wait(&status)) > 0) {
    if (ended != child || WEXITSTATUS(status) != 6) return 2;
    ++met;
  }
  return write(STDOUT_FILENO, &met, 1) != 1;
}

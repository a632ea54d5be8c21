// Has as many children at once as its argument says; each allocates before any may end.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

int main(int argc, char** argv) {
  const int children = argc > 1 ? atoi(argv[1]) : 10;
  int ready[2], go[2];
  char byte = 0;
  if (pipe(ready) != 0 || pipe(go) != 0) return 1;
  for (int i = 0; i < children; ++i) {
    const pid_t pid = fork();
    if (pid < 0) return 2;
    if (pid == 0) {
      close(go[1]);
      for (int j = 0; j < 10; ++j) kept = malloc(25);
      if (write(ready[1], "", 1) != 1) _exit(1);
      _exit(read(go[0], &byte, 1) == 0 ? 3 : 1);
    }
  }
  for (int i = 0; i < children; ++i) {
    if (read(ready[0], &byte, 1) != 1) return 3;
  }
  close(go[1]);
  for (int i = 0; i < children; ++i) {
    int status = 0;
    if (wait(&status) < 0 || WEXITSTATUS(status) != 3) return 4;
  }
  return 0;
}

// Starts children in all the ways there are: system, popen, posix_spawn, vfork and exec;
// each runs the program again with a word, and exits with that word's length.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
static void* volatile kept;

static int status_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

static int child(const char* word) {
  for (size_t i = 0; i < strlen(word); ++i) kept = malloc(100);
  return (int)strlen(word);
}

int main(int argc, char** argv) {
  if (argc == 2) return child(argv[1]);
  char command[4096];
  snprintf(command, sizeof command, "exec '%s' 22", argv[0]);
  if (WEXITSTATUS(system(command)) != 2) return 1;

  snprintf(command, sizeof command, "exec '%s' 333", argv[0]);
  FILE* pipe = popen(command, "r");
  if (pipe == NULL || WEXITSTATUS(pclose(pipe)) != 3) return 2;

  char* spawned[] = {argv[0], "4444", NULL};
  pid_t pid = 0;
  if (posix_spawn(&pid, argv[0], NULL, NULL, spawned, environ) != 0) return 3;
  if (status_of(pid) != 4) return 3;

  char* vforked[] = {argv[0], "55555", NULL};
  pid = vfork();
  if (pid == 0) {
    execv(argv[0], vforked);
    _exit(99);
  }
  if (status_of(pid) != 5) return 4;

  pid = vfork();
  if (pid == 0) _exit(17);  // a child that never was anything else
  return status_of(pid) == 17 ? 6 : 5;
}

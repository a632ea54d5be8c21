// Goes on below another root, in which there is neither /proc nor any library, and forks
// there: its folder becomes the root.
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

int main(void) {
  kept = malloc(10);
  if (mkdir("root", 0700) != 0 || chroot("root") != 0 || chdir("/") != 0) return 1;
  for (int i = 0; i < 5; ++i) kept = malloc(20);
  const pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 3; ++i) kept = malloc(30);
    exit(4);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 4) return 2;
  return 8;
}

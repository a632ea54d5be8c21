// Says which descriptors it has: at first, between allocations, in threads, in children.
// They are the same with Memoir and without, and a number that was free stays free.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

static void list(const char* when) {
  char line[1024];
  int length = snprintf(line, sizeof line, "%s:", when);
  for (int fd = 0; fd < 256; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags < 0) continue;
    length += snprintf(line + length, sizeof line - (size_t)length, " %d/%d", fd, flags);
  }
  line[length++] = '\n';
  if (write(STDOUT_FILENO, line, (size_t)length) != length) _exit(99);
}

static void* run(void* unused) {
  kept = malloc(100);
  list("thread");
  return unused;
}

int main(void) {
  list("first");
  for (int i = 0; i < 100000; ++i) free(malloc(40));
  list("later");
  const int file = open("/dev/null", O_RDONLY);
  pthread_t thread;
  pthread_create(&thread, NULL, run, NULL);
  pthread_join(thread, NULL);
  const pid_t pid = fork();
  if (pid == 0) {
    list("child");
    kept = malloc(10);
    list("child, later");
    _exit(dup(0) == file + 1 ? 3 : 4);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3) return 1;
  close(file);
  kept = malloc(1 << 22);
  if (dup(0) != file) return 2;
  list("last");
  return 0;
}

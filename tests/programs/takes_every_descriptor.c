// Puts a file of its own under every descriptor there is, allocating all the while,
// closes them all, and begins again: no descriptor is ever another file than the
// program's.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kMost = 1024, kRounds = 2 };

static void* volatile kept;

static int is_same(int fd, const struct stat* wanted) {
  struct stat found;
  return fstat(fd, &found) == 0 && found.st_ino == wanted->st_ino &&
         found.st_dev == wanted->st_dev;
}

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = kMost;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (int round = 0; round < kRounds; ++round) {
    close_range(0, ~0U, 0);
    if (open("taken", O_CREAT | O_RDWR, 0600) != 0) return 1;
    struct stat file;
    if (fstat(0, &file) != 0) return 2;
    for (int fd = 1; fd < kMost; ++fd) {
      free(malloc(40));  // ALLOC: malloc 2046 x 40
      if (dup2(0, fd) != fd) return 3;
    }
    kept = malloc(1 << 20);  // ALLOC: malloc 2 x 1048576, leaked 2
    for (int fd = 0; fd < kMost; ++fd) {
      if (!is_same(fd, &file)) return 4;
    }
    const pid_t pid = fork();
    if (pid == 0) {
      kept = malloc(30);  // ALLOC: malloc 2 x 30
      free(kept);
      for (int fd = 0; fd < kMost; ++fd) {
        if (!is_same(fd, &file)) _exit(5);
      }
      _exit(0);
    }
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur != kMost) return 7;
    if (lseek(kMost - 1, 0, SEEK_END) != 0) return 6;
  }
  return 0;
}

// What old daemons do: close every descriptor, whosever it is, then open files of their
// own, which get those numbers. The files must hold what was written and nothing else.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kFiles = 20, kRounds = 2000 };

static void* volatile kept;

int main(void) {
  free(malloc(8));
  for (int fd = 0; fd < 1024; ++fd) close(fd);
  int files[kFiles];
  for (int i = 0; i < kFiles; ++i) {
    char name[] = {'f', 'i', 'l', 'e', (char)('a' + i), '\0'};
    files[i] = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);
    if (files[i] != i) return 1;
  }
  for (int round = 0; round < kRounds; ++round) {
    const int i = round % kFiles;
    char* line = malloc(32);
    memset(line, 'a' + i, 31);
    line[31] = '\n';
    if (write(files[i], line, 32) != 32) return 2;
    if (round % 100 != 0)
      free(line);
    else
      kept = line;
  }
  for (int fd = 0; fd < kFiles; ++fd) {
    if (lseek(fd, 0, SEEK_END) != 32 * kRounds / kFiles) return 3;
  }
  return 0;
}

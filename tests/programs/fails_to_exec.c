// Tries to become programs that are not there, and goes on as it was.
// EXIT: 6
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void* volatile kept;

int main(void) {
  char* words[] = {"missing", NULL};
  char* none[] = {NULL};
  kept = malloc(10);  // ALLOC: malloc 1 x 10, leaked 1
  errno = 0;
  execve("/no/such/program", words, none);
  if (errno != ENOENT) return 1;
  execvp("no-such-program-anywhere", words);
  if (errno != ENOENT) return 2;
  execl("/", "directory", NULL);
  if (errno != EACCES) return 3;
  kept = malloc(20);  // ALLOC: malloc 1 x 20, leaked 1
  return 6;
}

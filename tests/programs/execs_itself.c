// Replaces itself by exec as often as its argument says; every image keeps blocks of its
// own, then the last one exits with 5.
#include <stdlib.h>
#include <unistd.h>

static void* volatile kept;

int main(int argc, char** argv) {
  const int left = argc == 2 ? atoi(argv[1]) : 0;
  for (int i = 0; i < left + 1; ++i) kept = malloc(10);
  if (left == 0) return 5;
  char next[] = {(char)('0' + left - 1), '\0'};
  char* arguments[] = {argv[0], next, NULL};
  execv("/proc/self/exe", arguments);
  return 1;
}

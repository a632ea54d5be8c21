/* Writes behind a block with its own instructions, and has libc do it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char** arguments) {
  char* volatile first = malloc(10);
  first[10] = 1;
  free(first);
  size_t (*volatile length)(const char*) = strlen;
  void* (*volatile fill)(void*, int, size_t) = memset;
  char* volatile second = malloc(length(arguments[0]));
  fill(second, 0, length(arguments[0]) + 1);
  free(second);
  printf("%d\n", count);
  return 0;
}

// Takes all the memory it may have, in blocks of a megabyte, and says how much that is.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int blocks = 0;
  while (malloc(1 << 20) != NULL) ++blocks;
  printf("%d\n", blocks);
  return 0;
}

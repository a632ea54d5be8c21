// Writes into what malloc() gives, without a look.
#include <stdlib.h>

static __attribute__((noinline)) void copy_name(void) {
  char* name = malloc(40);
  name[0] = 'x';
  free(name);
}

int main(void) {
  for (int i = 0; i < 10; ++i) copy_name();
  return 0;
}

// Forgets the byte behind a text: found as it is done, or when the block is freed, with
// the line that allocated it.
//   memoir run -- build/dev/examples/overflow
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
  char unit[4];
  double value;
};

// strlen() does not count the zero.
static char* join(const char* first, const char* second) {
  char* joined = malloc(strlen(first) + strlen(second));
  if (joined == NULL) exit(1);
  strcpy(joined, first);
  return strcat(joined, second);
}

// The last reading is one too far.
static double sum_up(struct reading* readings, int count) {
  double sum = 0;
  for (int i = 0; i <= count; ++i) {
    if (i == count) readings[i].value = 0;
    sum += readings[i].value;
  }
  return sum;
}

int main(void) {
  char* name = join("temper", "ature");
  struct reading* readings = calloc(8, sizeof *readings);
  if (readings == NULL) return 1;
  for (int i = 0; i < 8; ++i) readings[i].value = i;
  printf("%s: %.0f\n", name, sum_up(readings, 8));
  free(readings);
  free(name);
  return 0;
}

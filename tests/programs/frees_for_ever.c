// Makes and frees blocks of one size, some more each round, and says how many mappings
// and how much address space that took: after many rounds no more than after a few.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct taken {
  long mappings;
  long pages;
};

// Without a block of its own.
static struct taken look(void) {
  static char text[1 << 16];
  struct taken taken = {0, 0};
  int file = open("/proc/self/maps", O_RDONLY);
  ssize_t count = 0;
  while ((count = read(file, text, sizeof text)) > 0) {
    for (ssize_t i = 0; i < count; ++i) taken.mappings += text[i] == '\n';
  }
  close(file);
  file = open("/proc/self/statm", O_RDONLY);
  count = read(file, text, sizeof text - 1);
  text[count > 0 ? count : 0] = 0;
  close(file);
  taken.pages = atol(text);
  return taken;
}

static void make(long rounds, size_t size) {
  for (long i = 0; i < rounds; ++i) {
    char* block = malloc(size + (size_t)(i % 64) * size / 64);
    if (block == NULL) abort();
    block[0] = 1;
    free(block);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long rounds = atol(argv[1]);
  const size_t size = (size_t)atol(argv[2]);
  make(rounds, size);
  const struct taken few = look();
  make(rounds * 4, size);
  const struct taken many = look();
  printf("%ld %ld %ld %ld\n", few.mappings, many.mappings, few.pages, many.pages);
  return 0;
}

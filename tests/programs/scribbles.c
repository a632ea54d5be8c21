// Finds the memory that it shares with the collector, and writes random bytes all over it
// while it allocates; then it ends as it should. The argument: where to begin, in pages.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kRounds = 3000 };

static uint64_t state;

static uint64_t next_random(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 16;
}

// The mapping of this name; its size through `size`.
static char* find_mapping(const char* name, size_t* size) {
  char line[512];
  char* found = NULL;
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    unsigned long begin = 0, end = 0;
    if (strstr(line, name) == NULL || sscanf(line, "%lx-%lx", &begin, &end) != 2)
      continue;
    found = (char*)begin;
    *size = end - begin;
  }
  if (maps != NULL) fclose(maps);
  return found;
}

int main(int argc, char** argv) {
  size_t size = 0;
  free(malloc(100));
  char* memory = find_mapping("memfd:memoir", &size);
  const size_t first = argc > 1 ? (size_t)atoi(argv[1]) * 4096 : 0;
  state = first + 1;
  for (int i = 0; i < kRounds; ++i) {
    free(malloc(next_random() % 1000));
    if (memory == NULL) continue;
    // Most of it where something lies: at the beginning of each part.
    const size_t range = i % 2 == 0 ? 65536 : size - first;
    const uint64_t value = i % 3 == 0 ? ~0u : next_random();
    char* at = memory + first + next_random() % (range - sizeof value);
    memcpy(at, &value, sizeof value);
  }
  puts("done");
  return 5;
}

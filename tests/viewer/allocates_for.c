// Allocates and frees for as many seconds as it is told, and forgets a little.
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char* parse(size_t size) {
  char* text = malloc(size);
  memset(text, 'x', size);
  return text;
}

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 1;
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  char* kept[256] = {0};
  for (unsigned i = 0;; ++i) {
    const unsigned slot = (i * 37) % 256;
    free(kept[slot]);
    kept[slot] = parse(16 + i % 4000);
    if (i % 1000 != 0) continue;
    if (parse(64) == NULL) return 1;  // a leak
    const struct timespec pause = {0, 5000000};
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    const double passed =
        (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
    if (passed > seconds) break;
  }
  return 0;
}

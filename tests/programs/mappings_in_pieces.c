// Mappings that are given back in pieces, in one sweep over several, and replaced in
// place.
#include <stdlib.h>
#include <sys/mman.h>

enum { kPage = 4096, kReadWrite = PROT_READ | PROT_WRITE };
enum { kPrivate = MAP_PRIVATE | MAP_ANONYMOUS };

static char* map(char* place, size_t pages, int flags) {
  // ALLOC: mmap 5 in 180224, leaked 4 in 90112
  return mmap(place, pages * kPage, kReadWrite, kPrivate | flags, -1, 0);
}

static __attribute__((noinline)) char* hole(void) { return map(NULL, 10, 0); }
static __attribute__((noinline)) char* ends(void) { return map(NULL, 10, 0); }
static __attribute__((noinline)) char* replaced(void) { return map(NULL, 10, 0); }
static __attribute__((noinline)) char* replacing(char* place) {
  return map(place, 4, MAP_FIXED);
}
static __attribute__((noinline)) char* shrunk(void) { return map(NULL, 10, 0); }
static __attribute__((noinline)) char* shrink(char* place) {
  // ALLOC: mremap 1 x 12288, leaked 1
  return mremap(place, 10 * kPage, 3 * kPage, 0);
}

int main(void) {
  char* block = hole();  // 7 pages stay
  if (munmap(block + 4 * kPage, 3 * kPage) != 0) return 1;
  block = ends();  // 5 pages stay
  if (munmap(block, 2 * kPage) != 0 || munmap(block + 7 * kPage, 3 * kPage) != 0)
    return 1;
  block = replaced();  // 6 pages stay, and 4 of the replacement
  if (replacing(block + 3 * kPage) != block + 3 * kPage) return 1;
  block = shrunk();
  return shrink(block) == MAP_FAILED;  // 3 pages stay
}

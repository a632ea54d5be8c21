// Mappings and the program break: made, grown, given back, and kept.
// EVENTS: mmap 4; munmap 2; mremap 1; sbrk 2; brk 1
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  kPage = 4096,
  kReadWrite = PROT_READ | PROT_WRITE,
  kPrivate = MAP_PRIVATE | MAP_ANONYMOUS
};

static void* volatile kept;

int main(void) {
  char* whole =
      mmap(NULL, 4 * kPage, kReadWrite, kPrivate, -1, 0);  // ALLOC: mmap 1 x 16384
  munmap(whole, 4 * kPage);
  char* grown = mmap(NULL, kPage, kReadWrite, kPrivate, -1, 0);  // ALLOC: mmap 1 x 4096
  grown = mremap(grown, kPage, 8 * kPage, MREMAP_MAYMOVE);  // ALLOC: mremap 1 x 32768
  if (grown == MAP_FAILED) return 1;
  munmap(grown, 8 * kPage);
  // ALLOC: mmap 1 x 8192, leaked 1
  kept = mmap64(NULL, 2 * kPage, kReadWrite, kPrivate, -1, 0);
  // ALLOC: mmap 1 x 12288, leaked 1
  kept = mmap(NULL, 3 * kPage, PROT_NONE, kPrivate, -1, 0);
  if (mmap(NULL, 0, kReadWrite, kPrivate, -1, 0) != MAP_FAILED) return 1;

  char* end = sbrk(0);
  if (sbrk(2 * kPage) != end) return 1;  // ALLOC: sbrk 1 x 8192
  if (sbrk(-2 * kPage) != end + 2 * kPage) return 1;
  if (brk(end + kPage) != 0) return 1;  // ALLOC: brk 1 x 4096, leaked 1
  return 0;
}

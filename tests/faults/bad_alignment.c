// Alignments that nothing has. What libc does with them, the program gets.
//
// FAULT: bad alignment: posix_memalign with an alignment of 3, which is no power of two
//   access: refused@three < main
// FAULT: bad alignment: posix_memalign with an alignment of 4, which it does not take
//   access: refused@four < main
// FAULT: bad alignment: posix_memalign with an alignment of 0, which is no power of two
//   access: refused@zero < main
// FAULT: bad alignment: aligned_alloc with an alignment of 48, which is no power of two
//   access: rounded@aligned < main
// FAULT: bad alignment: memalign with an alignment of 100, which is no power of two
//   access: rounded@memalign < main
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#define APART __attribute__((noinline))

static APART void refused(void) {
  void* block = &block;
  if (posix_memalign(&block, 3, 10) != EINVAL) abort();  // mark: three
  if (posix_memalign(&block, 4, 10) != EINVAL) abort();  // mark: four
  if (posix_memalign(&block, 0, 10) != EINVAL) abort();  // mark: zero
  if (block != &block) abort();
}

static APART void rounded(void) {
  void* block = aligned_alloc(48, 96);  // mark: aligned
  if ((uintptr_t)block % 64 != 0) abort();
  free(block);
  block = memalign(100, 10);  // mark: memalign
  if ((uintptr_t)block % 128 != 0) abort();
  free(block);
}

static APART void sound(void) {
  void* block = NULL;
  for (size_t alignment = 8; alignment <= 1 << 20; alignment *= 2) {
    if (posix_memalign(&block, alignment, 24) != 0) abort();
    if ((uintptr_t)block % alignment != 0) abort();
    free(block);
  }
  free(memalign(1, 10));
  free(aligned_alloc(64, 10));
}

int main(void) {
  refused();
  rounded();
  sound();
  return 0;
}

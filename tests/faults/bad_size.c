// Sizes that cannot be meant: negative ones, products that do not fit. The program gets
// NULL and ENOMEM, as from libc.
//
// FAULT: bad size: malloc of -1 bytes (18446744073709551615)
//   access: negative@malloc < main
// FAULT: bad size: malloc of -9223372036854775808 bytes (9223372036854775808)
//   access: just_too_large@least < main
// FAULT: bad size: calloc of more bytes than a size can hold
//   access: product@calloc < main
// FAULT: bad size: calloc of -2 bytes (18446744073709551614)
//   access: negative_count@count < main
// FAULT: bad size: reallocarray of more bytes than a size can hold
//   access: array@array < main
// FAULT: bad size: realloc of -100 bytes (18446744073709551516)
//   access: grown@realloc < main
// FAULT: bad size: posix_memalign of -64 bytes (18446744073709551552)
//   access: aligned@posix < main
// FAULT: bad size: aligned_alloc of -16 bytes (18446744073709551600)
//   access: aligned@aligned < main
// FAULT: bad size: memalign of -2 bytes (18446744073709551614)
//   access: aligned@memalign < main
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#define APART __attribute__((noinline))

static APART void expect_none(void* block) {
  if (block != NULL || errno != ENOMEM) abort();
  errno = 0;
}

static APART void negative(long size) {
  expect_none(malloc(size));  // mark: malloc
}

static APART void just_too_large(void) {
  expect_none(malloc((size_t)PTRDIFF_MAX + 1));  // mark: least
}

static APART void product(size_t count) {
  expect_none(calloc(count, 1 << 20));  // mark: calloc
}

static APART void negative_count(long count) {
  expect_none(calloc(count, 1));  // mark: count
}

static APART void array(void* block) {
  expect_none(reallocarray(block, SIZE_MAX / 2, 3));  // mark: array
}

static APART void grown(char* block) {
  expect_none(realloc(block, -100));  // mark: realloc
  block[0] = 'x';                     // it stands as it was
}

static APART void aligned(void) {
  void* block = NULL;
  if (posix_memalign(&block, 64, -64) != ENOMEM) abort();  // mark: posix
  expect_none((errno = ENOMEM, block));
  expect_none(aligned_alloc(64, -16));  // mark: aligned
  expect_none(memalign(64, -2));        // mark: memalign
}

int main(void) {
  negative(-1);
  just_too_large();
  product((size_t)1 << 45);
  negative_count(-2);
  char* block = malloc(10);
  array(block);
  grown(block);
  aligned();
  free(block);
  // What is merely more than there is, is no fault.
  expect_none(malloc(PTRDIFF_MAX));
  expect_none(calloc((size_t)1 << 46, 1 << 10));
  return 0;
}

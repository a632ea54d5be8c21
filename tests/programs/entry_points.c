// Calls every function of C that hands out or takes back a block, a known number of
// times. Those that the C library lacks (cfree, free_sized, free_aligned_sized) are
// looked up at run time: only Memoir brings them, and free() does their work without it.
// EVENTS: free 5; cfree 1; free_sized 1; free_aligned_sized 1
// EVENTS: malloc 8; calloc 1; realloc 3; reallocarray 2; posix_memalign 1
// FAULTS: bad_size 1
// EVENTS: aligned_alloc 2; memalign 1; valloc 1; pvalloc 1
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static void* volatile leaked;

static void free_by_name(const char* name, void* block, size_t alignment, size_t size) {
  void* found = dlsym(RTLD_DEFAULT, name);
  if (found == NULL) {
    free(block);  // not recorded, since this happens without Memoir only
  } else if (alignment != 0) {
    ((void (*)(void*, size_t, size_t))found)(block, alignment, size);
  } else if (size != 0) {
    ((void (*)(void*, size_t))found)(block, size);
  } else {
    ((void (*)(void*))found)(block);
  }
}

static int check(int holds) { return holds ? 0 : 1; }

int main(void) {
  int wrong = 0;
  for (int i = 0; i < 3; ++i) {
    leaked = malloc(100);  // ALLOC: malloc 3 x 100, leaked 3
  }
  leaked = calloc(7, 11);  // ALLOC: calloc 1 x 77, leaked 1

  char* block = malloc(1);            // ALLOC: malloc 1 x 1
  block = realloc(block, 1000);       // ALLOC: realloc 1 x 1000
  block = realloc(block, 10);         // ALLOC: realloc 1 x 10
  block = reallocarray(block, 5, 6);  // ALLOC: reallocarray 1 x 30
  free(block);
  leaked = realloc(NULL, 55);         // ALLOC: realloc 1 x 55, leaked 1
  leaked = reallocarray(NULL, 3, 9);  // ALLOC: reallocarray 1 x 27, leaked 1
  volatile size_t too_many = SIZE_MAX;
  wrong += check(reallocarray(NULL, too_many, 2) == NULL);

  void* aligned = NULL;
  wrong += posix_memalign(&aligned, 256, 300);  // ALLOC: posix_memalign 1 x 300
  wrong += check((size_t)aligned % 256 == 0);
  free(aligned);
  leaked = aligned_alloc(64, 128);  // ALLOC: aligned_alloc 1 x 128, leaked 1
  leaked = memalign(512, 17);       // ALLOC: memalign 1 x 17, leaked 1
  aligned = valloc(21);             // ALLOC: valloc 1 x 21
  free(aligned);
  aligned = pvalloc(22);  // ALLOC: pvalloc 1 x 4096
  free(aligned);

  block = malloc(40);  // ALLOC: malloc 1 x 40
  free_by_name("cfree", block, 0, 0);
  block = malloc(41);  // ALLOC: malloc 1 x 41
  free_by_name("free_sized", block, 0, 41);
  block = aligned_alloc(32, 96);  // ALLOC: aligned_alloc 1 x 96
  free_by_name("free_aligned_sized", block, 32, 96);

  block = malloc(13);  // ALLOC: malloc 1 x 13
  wrong += check(malloc_usable_size(block) >= 13);
  free(block);
  free(NULL);
  leaked = malloc(0);  // ALLOC: malloc 1 x 0, leaked 1
  return wrong;
}

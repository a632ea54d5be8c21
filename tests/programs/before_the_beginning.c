// Allocates before main(), in the order in which things begin: what stands in
// .preinit_array, before any library's constructor has run, and constructors.
#include <stdlib.h>

static void* volatile kept;
static void* volatile early;

static void before_all(int argc, char** argv, char** environment) {
  (void)argc, (void)argv, (void)environment;
  early = malloc(21);  // ALLOC: malloc 1 x 21
  kept = malloc(22);   // ALLOC: malloc 1 x 22, leaked 1
}

__attribute__((section(".preinit_array"),
               used)) static void (*const entry)(int, char**, char**) = before_all;

__attribute__((constructor(101))) static void first(void) {
  kept = malloc(23);  // ALLOC: malloc 1 x 23, leaked 1
}

__attribute__((constructor)) static void ordinary(void) {
  kept = calloc(4, 6);  // ALLOC: calloc 1 x 24, leaked 1
}

int main(void) {
  free(early);
  return 0;
}

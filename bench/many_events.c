// How large does a trace get? Makes a given number of allocator events (mallocs and frees
// together) of mixed sizes, lifetimes and stacks:
//   many_events EVENTS
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kSlots = 10000, kSites = 64 };

static void* g_slots[kSlots];
static uint64_t g_seed = 88172645463325252u;

// xorshift: the same events in every run.
static uint64_t next_random(void) {
  g_seed ^= g_seed << 13;
  g_seed ^= g_seed >> 7;
  g_seed ^= g_seed << 17;
  return g_seed;
}

// Mostly small, rarely large, as in real programs.
static size_t next_size(void) {
  const uint64_t r = next_random();
  return (r & 63) == 0 ? 1024 + (r >> 8) % 65536 : 8 + (r >> 8) % 248;
}

// A site is a path of left and right turns down to malloc, so that there are kSites
// different stacks of 6 to 12 frames.
static void* allocate_at(unsigned site, unsigned depth, size_t size);

static __attribute__((noinline)) void* turn_left(unsigned site, unsigned depth,
                                                 size_t size) {
  void* block = allocate_at(site >> 1, depth - 1, size);
  __asm__ volatile("" : : "r"(block) : "memory");  // no tail call
  return block;
}

static __attribute__((noinline)) void* turn_right(unsigned site, unsigned depth,
                                                  size_t size) {
  void* block = allocate_at(site >> 1, depth - 1, size);
  __asm__ volatile("" : : "r"(block) : "memory");
  return block;
}

static __attribute__((noinline)) void* allocate_at(unsigned site, unsigned depth,
                                                   size_t size) {
  void* block = depth == 0   ? malloc(size)
                : (site & 1) ? turn_right(site, depth, size)
                             : turn_left(site, depth, size);
  __asm__ volatile("" : : "r"(block) : "memory");
  return block;
}

int main(int argc, char** argv) {
  const long events = argc == 2 ? atol(argv[1]) : 0;
  if (events <= 0) {
    fprintf(stderr, "usage: many_events EVENTS\n");
    return 2;
  }
  for (long i = 0; i < events; ++i) {
    void** slot = &g_slots[next_random() % kSlots];
    if (*slot != NULL) {
      free(*slot);
      *slot = NULL;
    } else {
      const unsigned site = (unsigned)(next_random() % kSites);
      *slot = allocate_at(site, 3 + site % 4, next_size());
      if (*slot == NULL) return 1;
    }
  }
  printf("%ld events\n", events);
  return 0;
}

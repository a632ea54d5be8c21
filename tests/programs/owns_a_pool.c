// A pool of its own that tells Memoir of itself: blocks carved from one malloc. Ends with
// two of them live, one pool in another, and one pool that was destroyed with its blocks.

#include <stdio.h>
#include <stdlib.h>

#include "memoir/track.h"

enum { kSlots = 8, kSlot = 64 };

struct pool {
  char* slots;
  int used;
  uint32_t id;
};

static void pool_begin(struct pool* pool, const char* name, uint32_t parent) {
  pool->slots = malloc(kSlots * kSlot);
  pool->used = 0;
  pool->id = memoir_pool_create("slots", name, parent);
  memoir_pool_backing(pool->id, pool->slots);
}

static void* pool_take(struct pool* pool, size_t size) {
  void* block = pool->slots + kSlot * pool->used++;
  memoir_pool_alloc(pool->id, block, size);
  return block;
}

static struct pool g_pool;

__attribute__((noinline)) static void take_and_lose(void) {
  pool_take(&g_pool, 10);
  pool_take(&g_pool, 20);
}

int main(void) {
  pool_begin(&g_pool, "first", 0);
  void* given_back = pool_take(&g_pool, 30);
  memoir_pool_free(g_pool.id, given_back);
  take_and_lose();

  struct pool inner;
  pool_begin(&inner, "inner", g_pool.id);
  for (int i = 0; i < 3; ++i) pool_take(&inner, 5);
  memoir_pool_reset(inner.id);
  inner.used = 0;
  pool_take(&inner, 7);
  memoir_pool_destroy(inner.id);
  free(inner.slots);

  for (int i = 0; i < 1000; ++i) {
    struct pool brief;
    pool_begin(&brief, "brief", 0);
    for (int j = 0; j < 1 + i % 3; ++j) pool_take(&brief, 8);
    memoir_pool_destroy(brief.id);
    free(brief.slots);
  }

  // What happens often is one row of the trace, and so is what happens at many places
  // beyond the first thousand.
  memoir_pool_event event = {.bytes = sizeof event,
                             .pool = g_pool.id,
                             .kind = MEMOIR_POOL_WRITE,
                             .block = given_back,
                             .size = 3,
                             .amount = 2,
                             .detail = "into a slot",
                             .where = {"owns.c", "pool_write", 77}};
  for (int i = 0; i < 100000; ++i) memoir_pool_tell(&event);
  event.count = 5;
  memoir_pool_tell(&event);
  memoir_pool_event grow = {.bytes = sizeof grow,
                            .pool = g_pool.id,
                            .kind = MEMOIR_POOL_GROW,
                            .size = 512,
                            .amount = 256};
  memoir_pool_tell(&grow);
  grow.kind = MEMOIR_POOL_EVENT_KINDS;  // of a later version: nothing
  memoir_pool_tell(&grow);

  // A block of malloc's that is no pool's, and is lost.
  if (malloc(100) == NULL) return 1;

  memoir_pool_fault fault = {.bytes = sizeof fault,
                             .kind = 3,
                             .pool = g_pool.id,
                             .address = given_back,
                             .block = given_back,
                             .block_size = 30,
                             .where = {"owns.c", "give_back", 12},
                             .allocated = {"owns.c", "take", 34},
                             .released = {"owns.c", "give_back", 11},
                             .pool_kind = "slots",
                             .pool_name = "first",
                             .text = "the slot is free"};
  for (int i = 0; i < 3; ++i) memoir_pool_report(&fault);
  printf("%d pools\n", g_pool.id != 0 && inner.id != 0);
  return 0;
}

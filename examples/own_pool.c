/* A pool of one's own, as programs have many: here it tells Memoir of its blocks, which
 * are then recorded, and missed, one by one. Five lines do it. Runs as well without
 * Memoir. */
#include <memoir/track.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kNodes = 100 };

struct node {
  struct node* next;
  int value;
};

struct pool {
  struct node nodes[kNodes];
  struct node* free;
  uint32_t id;
};

static struct pool* pool_create(const char* name) {
  struct pool* pool = calloc(1, sizeof *pool);
  for (int i = 0; i < kNodes; ++i) {
    pool->nodes[i].next = pool->free;
    pool->free = &pool->nodes[i];
  }
  pool->id = memoir_pool_create("node_pool", name, 0);
  memoir_pool_backing(pool->id, pool);
  return pool;
}

static struct node* pool_take(struct pool* pool) {
  struct node* node = pool->free;
  pool->free = node->next;
  memoir_pool_alloc(pool->id, node, sizeof *node);
  return node;
}

static void pool_give(struct pool* pool, struct node* node) {
  memoir_pool_free(pool->id, node);
  node->next = pool->free;
  pool->free = node;
}

int main(void) {
  struct pool* pool = pool_create("numbers");
  int sum = 0;
  for (int i = 0; i < 10; ++i) {
    struct node* node = pool_take(pool);
    node->value = i;
    sum += node->value;
    if (i != 7) pool_give(pool, node); /* one is forgotten */
  }
  printf("the sum is %d\n", sum);
  return 0;
}

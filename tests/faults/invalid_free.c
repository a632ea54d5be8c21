// What is given back is no block: the stack, static storage, the inside of a block, other
// mapped memory, nothing at all.
//
// FAULT: invalid free: free of memory on the thread's stack
//   access: of_the_stack@stack < main
// FAULT: invalid free: free of memory in static storage
//   access: of_a_global@global < main
// FAULT: invalid free: free of memory in static storage
//   access: of_a_literal@literal < main
// FAULT: invalid free: free of memory in static storage
//   access: of_a_function@function < main
// FAULT: invalid free: free of an address 1 byte inside a 100-byte block
//   alloc: malloc: of_the_inside@made < main
//   access: of_the_inside@inside < main
// FAULT: invalid free: free of an address 48 bytes inside a 100-byte block
//   alloc: malloc: of_the_inside@made < main
//   access: of_the_inside@middle < main
// FAULT: invalid free: free of an address 0 bytes after a 96-byte block
//   alloc: malloc: of_the_end@whole < main
//   access: of_the_end@end < main
// FAULT: invalid free: free of an address 8 bytes before a 64-byte block
//   alloc: malloc: of_the_front@front_made < main
//   access: of_the_front@front < main
// FAULT: invalid free: free of an address 4096 bytes inside a 200000-byte block
//   alloc: malloc: of_a_large_block@large < main
//   access: of_a_large_block@page < main
// FAULT: invalid free: free of an address 16 bytes inside a freed 80-byte block
//   alloc: malloc: of_freed_insides@gone < main
//   free: free: of_freed_insides@freed < main
//   access: of_freed_insides@again < main
// FAULT: invalid free: free of mapped memory that is no block
//   access: of_a_mapping@mapping < main
// FAULT: invalid free: free of mapped memory that is no block
//   access: of_another_stack@other < main
// FAULT: invalid free: free of an address where nothing is mapped
//   access: of_nothing@hole < main
// FAULT: invalid free: free of an address where nothing is mapped
//   access: of_a_small_number@small < main
// FAULT: invalid free: free of an address where nothing is mapped
//   access: of_no_address@wild < main
// FAULT: invalid free: realloc of memory on the thread's stack
//   access: realloc_of_the_stack@moved < main
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define APART __attribute__((noinline))

static char global[100];
static sem_t ready, done;
static void* volatile other_stack;

static APART void of_the_stack(void) {
  char local[100];
  free(local);  // mark: stack
}

static APART void of_a_global(void) {
  free(global + 16);  // mark: global
}

static APART void of_a_literal(void) {
  free((void*)"a literal");  // mark: literal
}

static APART void of_a_function(void) {
  free((void*)of_a_literal);  // mark: function
}

static APART void of_the_inside(void) {
  char* block = malloc(100);  // mark: made
  free(block + 1);            // mark: inside
  free(block + 48);           // mark: middle
  free(block);
}

static APART void of_the_end(void) {
  char* block = malloc(96);  // mark: whole
  free(block + 96);          // mark: end
  free(block);
}

static APART void of_the_front(void) {
  char* block = malloc(64);  // mark: front_made
  free(block - 8);           // mark: front
  free(block);
}

static APART void of_a_large_block(void) {
  char* block = malloc(200000);  // mark: large
  free(block + 4096);            // mark: page
  free(block);
}

static APART void of_freed_insides(void) {
  char* block = malloc(80);  // mark: gone
  free(block);               // mark: freed
  free(block + 16);          // mark: again
}

static APART void of_a_mapping(void) {
  char* pages =
      mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  free(pages + 16);  // mark: mapping
  munmap(pages, 8192);
}

static void* lend_stack(void* unused) {
  char local[64];
  other_stack = local;
  sem_post(&ready);
  sem_wait(&done);
  return unused;
}

static APART void of_another_stack(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, lend_stack, NULL);
  sem_wait(&ready);
  free(other_stack);  // mark: other
  sem_post(&done);
  pthread_join(thread, NULL);
}

static APART void of_nothing(void) {
  char* pages = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages, 8192);
  free(pages);  // mark: hole
}

static APART void of_a_small_number(void) {
  free((void*)(uintptr_t)24);  // mark: small
}

static APART void of_no_address(void) {
  free((void*)(uintptr_t)0xe5e5e5e5e5e5e5e0);  // mark: wild
}

static APART void realloc_of_the_stack(void) {
  char local[32];
  void* moved = realloc(local, 64);  // mark: moved
  if (moved != NULL) abort();
}

int main(void) {
  sem_init(&ready, 0, 0);
  sem_init(&done, 0, 0);
  of_the_stack();
  of_a_global();
  of_a_literal();
  of_a_function();
  of_the_inside();
  of_the_end();
  of_the_front();
  of_a_large_block();
  of_freed_insides();
  of_a_mapping();
  of_another_stack();
  of_nothing();
  of_a_small_number();
  of_no_address();
  realloc_of_the_stack();
  return 0;
}

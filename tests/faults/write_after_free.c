// Writes to freed memory are found when the slot is used again, or at the end.
//
// FAULT: write after free: write of 1 byte, 0 bytes inside a freed 24-byte block
//   alloc: malloc: make@made < at_once@block < main
//   free: free: at_once@freed < main
//   found: at the end
// FAULT: write after free: write of up to 8 bytes, 16 bytes inside a freed 40-byte block
//   alloc: malloc: make@made < after_others@old < main
//   free: free: after_others@old_freed < main
//   found: at the end
// FAULT: write after free: write of 1 byte, 3 bytes inside a freed 56-byte block
//   alloc: malloc: make@made < through_old_pointer@grown < main
//   free: realloc: through_old_pointer@moved < main
//   found: at the end
// FAULT: write after free: write of up to 100 bytes, 0 bytes inside a freed 100-byte block
//   alloc: calloc: whole_block@cleared < main
//   free: free: whole_block@cleared_freed < main
//   found: at the end
// FAULT: write after free: write of 1 byte, 1 byte after a freed 70-byte block
//   alloc: malloc: make@made < behind_it@behind < main
//   free: free: behind_it@behind_freed < main
//   found: at the end
// FAULT: write after free: write of 1 byte, 2 bytes before a freed 320-byte block
//   alloc: malloc: make@made < before_it@before < main
//   free: free: before_it@before_freed < main
//   found: before_it@below < main
// FAULT: write after free: write of 1 byte, 10 bytes inside a freed 2000-byte block
//   alloc: malloc: make@made < until_used_again@reused < main
//   free: free: until_used_again@reused_freed < main
//   found: make@made < use_much < until_used_again < main
// FAULT: write after free: write of up to 4 bytes, 20 bytes inside a freed 600-byte block
//   alloc: malloc in write_after_fre: make@made < by_other_thread@lent < main
//   free: free in first: give_back@returned < ...
//   found: at the end
#include <pthread.h>
#include <stdlib.h>

#define APART __attribute__((noinline))

static void* volatile kept;

static APART char* make(size_t size) {
  return malloc(size);  // mark: made
}

static APART void clear(char* first, long bytes) {
  for (long i = 0; i < bytes; ++i) *(volatile char*)(first + i) = '\0';
}

static APART void at_once(void) {
  char* block = make(24);  // mark: block
  free(block);             // mark: freed
  clear(block, 1);
}

static APART void after_others(void) {
  char* block = make(40);  // mark: old
  free(block);             // mark: old_freed
  for (int i = 0; i < 10000; ++i) {
    kept = malloc(40);
    free(kept);
  }
  clear(block + 16, 8);
}

static APART void through_old_pointer(void) {
  char* block = make(56);      // mark: grown
  kept = realloc(block, 300);  // mark: moved
  clear(block + 3, 1);
  free(kept);
}

static APART void whole_block(void) {
  char* block = calloc(10, 10);  // mark: cleared
  free(block);                   // mark: cleared_freed
  clear(block, 100);
}

static APART void behind_it(void) {
  char* block = make(70);  // mark: behind
  free(block);             // mark: behind_freed
  clear(block + 71, 1);
}

static APART void before_it(void) {
  char* below = make(320);
  char* block = make(320);  // mark: before
  free(block);              // mark: before_freed
  clear(block - 2, 1);
  free(below);  // mark: below
}

static APART void use_much(void) {
  for (int i = 0; i < 100000; ++i) {
    kept = make(2000);
    free(kept);
  }
}

static APART void until_used_again(void) {
  char* block = make(2000);  // mark: reused
  free(block);               // mark: reused_freed
  clear(block + 10, 1);
  use_much();
}

static void* give_back(void* block) {
  pthread_setname_np(pthread_self(), "first");
  free(block);  // mark: returned
  return NULL;
}

static APART void by_other_thread(void) {
  char* block = make(600);  // mark: lent
  pthread_t thread;
  pthread_create(&thread, NULL, give_back, block);
  pthread_join(thread, NULL);
  clear(block + 20, 4);
}

int main(void) {
  until_used_again();
  at_once();
  after_others();
  through_old_pointer();
  whole_block();
  behind_it();
  before_it();
  by_other_thread();
  return 0;
}

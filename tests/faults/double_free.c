// A block is given back twice: at once, after many others, after realloc took it, by two
// threads.
//
// FAULT: double free: free of a 20-byte block that was freed before
//   alloc: malloc: make@made < at_once < main
//   free: free: at_once@first < main
//   access: at_once@second < main
// FAULT: double free: free of a 30-byte block that was freed before
//   alloc: malloc: make@made < much_later < main
//   free: free: much_later@early < main
//   access: much_later@late < main
// FAULT: double free: free of a 40-byte block that was freed before
//   alloc: malloc: make@made < after_realloc < main
//   free: realloc: after_realloc@moved < main
//   access: after_realloc@stale < main
// FAULT: double free: realloc of a 50-byte block that was freed before
//   alloc: malloc: make@made < realloc_of_freed < main
//   free: free: realloc_of_freed@gone < main
//   access: realloc_of_freed@grown < main
// FAULT: double free: free of a 60-byte block that was freed before
//   alloc: malloc in double_free: make@made < by_two_threads < main
//   free: free in first: free_it@thread < ...
//   access: in second: free_it@thread < ...
// FAULT: double free: free of a 1000000-byte block that was freed before
//   alloc: malloc: make@made < of_large_blocks < main
//   free: free: of_large_blocks@large < main
//   access: of_large_blocks@again < main
#include <pthread.h>
#include <stdlib.h>

#define APART __attribute__((noinline))

static void* volatile kept;

static APART void* make(size_t size) {
  return malloc(size);  // mark: made
}

static APART void at_once(void) {
  void* block = make(20);
  free(block);  // mark: first
  free(block);  // mark: second
}

static APART void much_later(void) {
  void* block = make(30);
  free(block);  // mark: early
  for (int i = 0; i < 10000; ++i) {
    kept = malloc(30);
    free(kept);
  }
  free(block);  // mark: late
}

static APART void after_realloc(void) {
  void* block = make(40);
  kept = realloc(block, 4000);  // mark: moved
  free(block);                  // mark: stale
  free(kept);
}

static APART void realloc_of_freed(void) {
  void* block = make(50);
  free(block);                 // mark: gone
  kept = realloc(block, 500);  // mark: grown
  free(kept);
}

struct task {
  const char* thread;
  void* block;
};

static void* free_it(void* argument) {
  const struct task* task = argument;
  pthread_setname_np(pthread_self(), task->thread);
  free(task->block);  // mark: thread
  return NULL;
}

static APART void by_two_threads(void) {
  void* block = make(60);
  struct task tasks[] = {{"first", block}, {"second", block}};
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, free_it, &tasks[i]);
    pthread_join(thread, NULL);
  }
}

static APART void of_large_blocks(void) {
  void* block = make(1000000);
  free(block);  // mark: large
  free(block);  // mark: again
}

int main(void) {
  at_once();
  much_later();
  after_realloc();
  realloc_of_freed();
  by_two_threads();
  of_large_blocks();
  return 0;
}

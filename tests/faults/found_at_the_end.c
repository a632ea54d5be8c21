// Damage around a block that is never freed, and in one that was, is found when the
// process ends, however it does.
//
// FAULT: heap buffer overflow: write of up to 3 bytes, 0 bytes after a 21-byte block
//   alloc: malloc: make@made < main@never_freed
//   found: at the end
// FAULT: heap buffer underflow: write of up to 4 bytes, 4 bytes before a 500-byte block
//   alloc: malloc: make@made < main@written_before
//   found: at the end
// FAULT: write after free: write of 1 byte, 7 bytes inside a freed 90-byte block
//   alloc: malloc: make@made < main@freed_block
//   free: free: main@freed
//   found: at the end
//
// RUN: return
// EXIT: 3
// RUN: exit
// EXIT: 4
// RUN: _exit
// EXIT: 5
// RUN: _Exit
// EXIT: 6
// RUN: quick_exit
// EXIT: 7
// RUN: pthread_exit
// EXIT: 0
// RUN: thread
// EXIT: 9
// RUN: exec
// EXIT: 0
// RUN: abort
// EXIT: signal 6
// RUN: signal
// EXIT: signal 15
// RUN: crash
// EXIT: signal 11
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void* volatile kept;

static __attribute__((noinline)) char* make(size_t size) {
  return malloc(size);  // mark: made
}

static __attribute__((noinline)) void clear(char* first, long bytes) {
  for (long i = 0; i < bytes; ++i) *(volatile char*)(first + i) = '\0';
}

static void* end_all(void* unused) {
  exit(9);
  return unused;
}

static int is(const char* word, const char* other) { return strcmp(word, other) == 0; }

static void leave(const char* way) {
  if (is(way, "exit")) exit(4);
  if (is(way, "_exit")) _exit(5);
  if (is(way, "_Exit")) _Exit(6);
  if (is(way, "quick_exit")) quick_exit(7);
  if (is(way, "pthread_exit")) pthread_exit(NULL);
  if (is(way, "exec")) execl("/bin/true", "true", (char*)NULL);
  if (is(way, "abort")) abort();
  if (is(way, "signal")) raise(SIGTERM);
  if (is(way, "crash")) *(volatile int*)8 = 1;
  if (is(way, "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, end_all, NULL);
    pthread_join(thread, NULL);
  }
}

int main(int argc, char** argv) {
  char* block = make(21);  // mark: never_freed
  clear(block + 21, 3);
  kept = block;
  block = make(500);  // mark: written_before
  clear(block - 4, 4);
  kept = block;
  block = make(90);  // mark: freed_block
  free(block);       // mark: freed
  clear(block + 7, 1);
  leave(argv[1]);
  return 3;
}

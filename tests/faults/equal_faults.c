// What happens again in the same way is counted, and told once: in loops, on several
// threads, in forked children.
//
// FAULT: double free: free of a 10-byte block that was freed before
//   alloc: malloc: free_twice@twice < main
//   free: free: free_twice@first < main
//   access: free_twice@second < main
//   count: 1000
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 20-byte block
//   alloc: malloc: overflow@over < work < ...
//   found: free: overflow@over_freed < work < ...
//   count: 60
// FAULT: invalid free: free of an address 16 bytes inside a 30-byte block
//   alloc: malloc: free_inside@inside < main
//   access: free_inside@inside_freed < main
//   count: 5
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 50-byte block
//   alloc: malloc: main@never_freed
//   found: at the end
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline))

static APART void free_twice(void) {
  void* block = malloc(10);  // mark: twice
  free(block);               // mark: first
  free(block);               // mark: second
}

static APART void overflow(void) {
  char* block = malloc(20);  // mark: over
  *(volatile char*)(block + 20) = '\0';
  free(block);  // mark: over_freed
}

static void* work(void* unused) {
  for (int i = 0; i < 20; ++i) overflow();
  return unused;
}

static APART void free_inside(void) {
  char* block = malloc(30);  // mark: inside
  free(block + 16);          // mark: inside_freed
  free(block);
}

int main(void) {
  for (int i = 0; i < 1000; ++i) free_twice();
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  // Damage that the children find in their copies, too.
  char* block = malloc(50);  // mark: never_freed
  *(volatile char*)(block + 50) = '\0';
  for (int i = 0; i < 5; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      free_inside();
      _exit(0);
    }
    waitpid(child, NULL, 0);
  }
  return 0;
}

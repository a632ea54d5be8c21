// Wrong writes where a guard page does not come close enough, or in threads, children and
// places that block signals: a second run has a breakpoint there, and tells the
// instruction.
//
// PIN:
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kLarge = 200001 };

static void touch(char* at) {
  *(volatile char*)at = 1;  // mark: touch
}

// Its end is no multiple of its alignment: canary lies before the guard.
static void aligned(void) {
  char* block = aligned_alloc(64, 72);  // mark: aligned
  touch(block + 75);                    // mark: a
  free(block);                          // mark: free_a
}

static void large(void) {
  char* block = malloc(kLarge);  // mark: large
  touch(block + kLarge + 2);     // mark: b
  free(block);                   // mark: free_b
}

static void* write_in_thread(void* block) {
  pthread_setname_np(pthread_self(), "writer");
  touch((char*)block + 24);  // mark: thread
  return NULL;
}

static pthread_barrier_t barrier;
static char* shared;

static void* write_when_told(void* nothing) {
  pthread_setname_np(pthread_self(), "waiter");
  pthread_barrier_wait(&barrier);
  touch(shared + 24);  // mark: waiter
  return nothing;
}

// One that is made after the block.
static void in_thread(void) {
  pthread_t thread;
  char* block = malloc(24);  // mark: in_thread
  pthread_create(&thread, NULL, write_in_thread, block);
  pthread_join(thread, NULL);
  free(block);
}

// One that was there before.
static void in_old_thread(void) {
  pthread_t thread;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&thread, NULL, write_when_told, NULL);
  shared = malloc(24);  // mark: in_old_thread
  pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);
  free(shared);
}

static void in_child(void) {
  if (fork() == 0) {
    char* block = malloc(24);  // mark: in_child
    touch(block + 24);         // mark: child
    free(block);
    exit(0);
  }
  wait(NULL);
}

static void when_blocked(void) {
  sigset_t all, before;
  sigfillset(&all);
  char* block = malloc(24);  // mark: when_blocked
  sigprocmask(SIG_BLOCK, &all, &before);
  touch(block + 24);  // mark: blocked
  sigset_t now;
  sigprocmask(SIG_SETMASK, &before, &now);
  if (!sigismember(&now, SIGTRAP)) abort();
  sigprocmask(SIG_SETMASK, NULL, &now);
  if (sigismember(&now, SIGTRAP)) abort();
  free(block);
}

static volatile int traps;

static void count_trap(int signal) { traps += signal == SIGTRAP; }

// Its own traps are the program's.
static void with_handler(void) {
  struct sigaction action = {.sa_handler = count_trap}, now;
  sigaction(SIGTRAP, &action, NULL);
  char* block = malloc(24);  // mark: with_handler
  touch(block + 24);         // mark: handled
  if (traps != 0) abort();
  raise(SIGTRAP);
  __asm__ volatile("int3");
  sigaction(SIGTRAP, NULL, &now);
  if (traps != 2 || now.sa_handler != count_trap) abort();
  free(block);
}

// The byte belongs to a block again, and whoever writes there is right.
static void again(void) {
  char* first = malloc(24);          // mark: again
  char* moved = realloc(first, 40);  // mark: moved
  touch(moved + 40);                 // mark: late
  for (int i = 0; i < 100000; ++i) {
    char* block = malloc(64);
    memset(block, i, 64);
    free(block);
  }
  free(moved);
}

int main(int argc, char** argv) {
  const char* how = argv[1];
  if (strcmp(how, "aligned") == 0) aligned();              // mark: main_aligned
  if (strcmp(how, "large") == 0) large();                  // mark: main_large
  if (strcmp(how, "in-thread") == 0) in_thread();          // mark: main_thread
  if (strcmp(how, "in-old-thread") == 0) in_old_thread();  // mark: main_old
  if (strcmp(how, "in-child") == 0) in_child();            // mark: main_child
  if (strcmp(how, "when-blocked") == 0) when_blocked();    // mark: main_blocked
  if (strcmp(how, "with-handler") == 0) with_handler();    // mark: main_handler
  if (strcmp(how, "again") == 0) again();                  // mark: main_again
  return 0;
}

// RUN: aligned
// FAULT: heap buffer overflow: write of 1 byte, 3 bytes after a 72-byte block
//   alloc: aligned_alloc: aligned@aligned < main@main_aligned
//   access: touch@touch < aligned@a < main@main_aligned
//   refused: free: aligned@free_a < main@main_aligned

// RUN: large
// FAULT: heap buffer overflow: write of 1 byte, 2 bytes after a 200001-byte block
//   alloc: malloc: large@large < main@main_large
//   access: touch@touch < large@b < main@main_large
//   refused: free: large@free_b < main@main_large

// RUN: in-thread
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: in_thread@in_thread < main@main_thread
//   access: in writer: touch@touch < write_in_thread@thread < ...

// RUN: in-old-thread
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: in_old_thread@in_old_thread < main@main_old
//   access: in waiter: touch@touch < write_when_told@waiter < ...

// RUN: in-child
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: in_child@in_child < main@main_child
//   access: touch@touch < in_child@child < main@main_child

// RUN: when-blocked
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: when_blocked@when_blocked < main@main_blocked
//   access: touch@touch < when_blocked@blocked < main@main_blocked

// RUN: with-handler
// PIN: --option pin_with=breakpoint
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 24-byte block
//   alloc: malloc: with_handler@with_handler < main@main_handler
//   access: touch@touch < with_handler@handled < main@main_handler

// RUN: again
// PIN: --option pin_with=breakpoint --option quarantine_mib=0
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 40-byte block
//   alloc: realloc: again@moved < main@main_again
//   access: touch@touch < again@late < main@main_again

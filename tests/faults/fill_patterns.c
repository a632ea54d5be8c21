// Follows pointers that it reads from memory which was freed, or never written: at such
// an address nothing can be, and the signal comes as without Memoir; the report says what
// kind of memory the address is from. Between guard pages the first access would be told,
// too.
//
// OPTIONS: --mode check --option guard_first=0 --option seed=1
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct Node {
  struct Node* next;
  int (*call)(void);
  long value;
};

static volatile long sum;
static sigjmp_buf home;

static void go_home(int signal) { siglongjmp(home, signal); }

static long read_value(struct Node* node) {
  return node->value;  // mark: read
}

static void write_value(struct Node* node) {
  node->value = 7;  // mark: write
}

static int call_it(int (*function)(void)) {
  return function() + 1;  // mark: call
}

static long read_at(long* values, long index) {
  return values[index];  // mark: index
}

int main(int argc, char** argv) {
  const char* how = argv[1];
  struct Node* node = malloc(sizeof *node);
  if (strncmp(how, "freed", 5) == 0) free(node);
  struct Node seen = *(volatile struct Node*)node;
  if (strcmp(how, "freed-read") == 0) sum = read_value(seen.next);       // mark: a
  if (strcmp(how, "freed-write") == 0) write_value(seen.next);           // mark: b
  if (strcmp(how, "freed-call") == 0) sum = call_it(seen.call);          // mark: c
  if (strcmp(how, "fresh-read") == 0) sum = read_value(seen.next);       // mark: d
  if (strcmp(how, "fresh-index") == 0) sum = read_at(&sum, seen.value);  // mark: e
  if (strcmp(how, "handled") == 0) {
    signal(SIGSEGV, go_home);
    signal(SIGBUS, go_home);
    if (sigsetjmp(home, 1) == 0) sum = read_value(seen.next);  // mark: f
    return 3;
  }
  // Wrong, but of another kind.
  if (strcmp(how, "other") == 0) sum = read_value((struct Node*)0x1234567812345678);
  if (strcmp(how, "unaligned") == 0) {
    __asm__ volatile("movaps 1(%0), %%xmm0" : : "r"(&seen), "a"(seen.next) : "xmm0");
  }
  return 0;
}

// RUN: freed-read
// EXIT: signal 11
// FAULT: use after free: read of 8 bytes at an address that was read from freed memory
//   access: read_value@read < main@a

// RUN: freed-write
// EXIT: signal 11
// FAULT: use after free: write of 8 bytes at an address that was read from freed memory
//   access: write_value@write < main@b

// RUN: freed-call
// EXIT: signal 11
// FAULT: use after free: access at an address that was read from freed memory
//   access: call_it@call < main@c

// RUN: fresh-read
// EXIT: signal 11
// FAULT: use of uninitialized memory: read of 8 bytes at an address read from memory that was never written
//   access: read_value@read < main@d

// RUN: fresh-index
// EXIT: signal 11
// FAULT: use of uninitialized memory: read of 8 bytes at an address read from memory that was never written
//   access: read_at@index < main@e

// RUN: handled
// EXIT: 3
// FAULT: use of uninitialized memory: read of 8 bytes at an address read from memory that was never written
//   access: read_value@read < main@f

// RUN: other
// EXIT: signal 11
// CLEAN

// RUN: unaligned
// EXIT: signal 11
// CLEAN

// Two stacks made by the program itself (makecontext), between which it jumps to and fro.
#include <stdlib.h>
#include <ucontext.h>

enum { kStackBytes = 65536, kRounds = 100 };

static ucontext_t main_context, first_context, second_context;
static void* volatile kept;

static __attribute__((noinline)) void step(size_t size) {
  kept = malloc(size);  // ALLOC: malloc 200 in 3000
  free(kept);
}

static void first(void) {
  for (int i = 0; i < kRounds; ++i) {
    step(10);
    swapcontext(&first_context, &second_context);
    // ALLOC: malloc 100 x 11
    // STACK: first < ...
    kept = malloc(11);
    free(kept);
  }
}

static __attribute__((noinline)) void deeper(void) {
  step(20);
  swapcontext(&second_context, &first_context);
  // ALLOC: malloc 99 x 12, leaked 99
  // STACK: deeper < second < ...
  kept = malloc(12);
}

static void second(void) {
  for (int i = 0; i < kRounds; ++i) deeper();
}

static void prepare(ucontext_t* context, void (*function)(void), char* stack) {
  getcontext(context);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = kStackBytes;
  context->uc_link = &main_context;
  makecontext(context, function, 0);
}

int main(void) {
  // ALLOC: malloc 2 x 65536
  // STACK: main
  char* stacks[] = {malloc(kStackBytes), malloc(kStackBytes)};
  prepare(&first_context, first, stacks[0]);
  prepare(&second_context, second, stacks[1]);
  swapcontext(&main_context, &first_context);
  free(stacks[0]);
  free(stacks[1]);
  return 0;
}

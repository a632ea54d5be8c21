// Allocates from every kind of stack that a program can make, in random order: frames of
// unknown size, exceptions and longjmp out of the middle, callbacks of the C library,
// deep recursion, coroutines, and signal handlers, on the stack that they interrupt and
// on one of their own. Four threads; the argument is the number of allocations that each
// makes (5,000 without). For comparing every stack with what libunwind finds
// (check_stacks).
//
// What a handler does is what a program may do: it allocates only where the code that it
// interrupts does not, and otherwise maps a page. Nothing jumps over a destructor, or out
// of a catch clause. COMPILE: -O2 -fomit-frame-pointer
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

namespace {

constexpr unsigned kThreads = 4;
constexpr unsigned kCoroutines = 3;
constexpr unsigned kDeepest = 48;  // steps below each other
constexpr std::size_t kCoroutineStack = 512 * 1024;
constexpr std::size_t kSignalStack = 256 * 1024;
constexpr std::size_t kKept = 32;

volatile char sink;

struct Thrown {};

// One stack of a thread, and what is open on it.
struct Stack {
  ucontext_t context = {};
  char* memory = nullptr;        // none: the thread's own
  sigjmp_buf* target = nullptr;  // of the innermost sigsetjmp that may be jumped to
  unsigned catchers = 0;         // try blocks that may be thrown to
  unsigned pinned = 0;           // catch clauses and handlers: the stack may not be left
  bool over = false;
};

struct Thread {
  std::uint64_t dice = 0;
  std::uint64_t left = 0;  // allocations
  void* kept[kKept] = {};
  Stack own;
  Stack coroutines[kCoroutines];
  Stack* current = &own;
  volatile sig_atomic_t may_allocate = 0;  // where a handler may
  unsigned handlers = 0;                   // that were entered and not left
  bool on_signal_stack = false;

  unsigned next(unsigned below) {
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return static_cast<unsigned>(dice >> 33) % below;
  }
};

// Not thread_local: the compiler may keep the address of such a variable over a switch.
pthread_key_t thread_key;
Thread& self() { return *static_cast<Thread*>(pthread_getspecific(thread_key)); }

void step(Thread& t, unsigned depth);

// Time in which a signal finds the thread outside of the allocator.
[[gnu::noinline]] void pause_here(Thread& t) {
  t.may_allocate = 1;
  for (unsigned i = t.next(64); i != 0; --i) sink = sink + 1;
  t.may_allocate = 0;
}

[[gnu::noinline]] void* allocate_somehow(Thread& t, std::size_t size) {
  switch (t.next(8)) {
    case 0:
      return std::calloc(1, size);
    case 1:
      return std::aligned_alloc(64, (size + 63) / 64 * 64);
    case 2:
      return std::realloc(std::malloc(size / 2 + 1), size);
    default:
      return std::malloc(size);
  }
}

[[gnu::noinline]] void allocate(Thread& t) {
  if (t.left == 0) return;
  --t.left;
  void*& place = t.kept[t.next(kKept)];
  std::free(place);
  place = allocate_somehow(t, 1 + t.next(500));
  if (place == nullptr) std::abort();
  *static_cast<char*>(place) = 1;
}

// Frames that the walker meets by their pushes, their room and their frame pointer.
template <std::size_t kRoom>
[[gnu::noinline]] void plain(Thread& t, unsigned depth) {
  volatile char room[kRoom];
  room[0] = 1;
  step(t, depth + 1);
  room[kRoom - 1] = room[0];
}

[[gnu::noinline]] void sized(Thread& t, unsigned depth) {
  const std::size_t size = 1 + t.next(2000);
  auto* bytes = static_cast<char*>(alloca(size));
  std::memset(bytes, 1, size);
  step(t, depth + 1);
  sink = bytes[size - 1];
}

[[gnu::noinline]] void catching(Thread& t, unsigned depth) {
  Stack& stack = *t.current;
  ++stack.catchers;
  try {
    step(t, depth + 1);
    --stack.catchers;
  } catch (const Thrown&) {
    --stack.catchers;
    // What would leave the clause finds nobody to go to.
    const unsigned catchers = std::exchange(stack.catchers, 0U);
    sigjmp_buf* const target = std::exchange(stack.target, nullptr);
    ++stack.pinned;
    step(t, depth + 1);
    --stack.pinned;
    stack.catchers = catchers;
    stack.target = target;
  }
}

[[gnu::noinline]] void throwing(Thread& t, unsigned) {
  allocate(t);
  if (t.current->catchers > 0) throw Thrown{};
}

[[gnu::noinline]] void jumped_to(Thread& t, unsigned depth) {
  Stack& stack = *t.current;
  // An exception must not pass the target and leave it behind.
  sigjmp_buf* const outer = stack.target;
  const unsigned catchers = stack.catchers;
  const unsigned pinned = stack.pinned;
  const unsigned handlers = t.handlers;
  const bool on_signal_stack = t.on_signal_stack;
  sigjmp_buf here;
  if (sigsetjmp(here, 1) == 0) {
    stack.target = &here;
    stack.catchers = 0;
    step(t, depth + 1);
  }
  stack.target = outer;
  stack.catchers = catchers;
  stack.pinned = pinned;
  t.handlers = handlers;
  t.on_signal_stack = on_signal_stack;
  allocate(t);
}

[[gnu::noinline]] void jumping(Thread& t, unsigned) {
  allocate(t);
  if (t.current->target != nullptr) siglongjmp(*t.current->target, 1);
}

// Through the C library: once a call, at a random comparison.
struct Callback {
  Thread* thread;
  unsigned depth;
  unsigned countdown;
};

int compare(const void* a, const void* b, void* argument) {
  auto* callback = static_cast<Callback*>(argument);
  if (callback->countdown-- == 0) step(*callback->thread, callback->depth + 1);
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

[[gnu::noinline]] void sorting(Thread& t, unsigned depth) {
  int numbers[] = {5, 3, 9, 1, 7, 2, 8};
  Callback callback{&t, depth, t.next(8)};
  qsort_r(numbers, std::size(numbers), sizeof numbers[0], compare, &callback);
}

[[gnu::noinline]] unsigned recurse(Thread& t, unsigned levels) {
  if (levels % 32 == 0) allocate(t);
  const unsigned below = levels == 0 ? 0 : recurse(t, levels - 1);
  if (levels % 50 == 0) allocate(t);
  return below + 1;
}

[[gnu::noinline]] void deep(Thread& t, unsigned) {
  const bool roomy = t.current->memory == nullptr && !t.on_signal_stack;
  // Rarely: each is hundreds of nodes in the stack depot.
  recurse(t, t.next(t.next(32) != 0 ? 40 : roomy ? 2000 : 300));
}

[[gnu::noinline]] void mapping(Thread& t, unsigned) {
  void* pages = mmap(nullptr, 4096 * (1 + t.next(4)), PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages != MAP_FAILED) munmap(pages, 4096);
}

// Goes on with another stack, until somebody comes back here.
[[gnu::noinline]] void switching(Thread& t, unsigned) {
  Stack& from = *t.current;
  if (from.pinned > 0) return;
  const unsigned which = t.next(kCoroutines + 1);
  Stack& to = which == kCoroutines ? t.own : t.coroutines[which];
  if (&to == &from || to.over) return;
  t.current = &to;
  swapcontext(&from.context, &to.context);
  t.current = &from;
}

[[gnu::noinline]] void signalled(Thread& t, unsigned) {
  if (t.handlers > 0) return;
  raise(t.next(2) == 0 ? SIGUSR1 : SIGUSR2);
}

void on_signal(int signal) {
  const int saved_errno = errno;
  Thread& t = self();
  Stack& stack = *t.current;
  const unsigned catchers = std::exchange(stack.catchers, 0U);
  const bool on_signal_stack = std::exchange(t.on_signal_stack, signal == SIGUSR2);
  ++stack.pinned;
  ++t.handlers;
  allocate(t);
  step(t, kDeepest - 8);
  --t.handlers;
  --stack.pinned;
  t.on_signal_stack = on_signal_stack;
  stack.catchers = catchers;
  errno = saved_errno;
}

// At any moment. Not even the dice may be touched.
void on_timer(int) {
  const int saved_errno = errno;
  Thread& t = self();
  if (t.may_allocate != 0) {
    t.may_allocate = 0;
    std::free(std::malloc(100));
    t.may_allocate = 1;
  } else {
    void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) munmap(page, 4096);
  }
  errno = saved_errno;
}

void step(Thread& t, unsigned depth) {
  allocate(t);
  using Kind = void (*)(Thread&, unsigned);
  constexpr Kind kKinds[] = {plain<8>,  plain<40>, plain<200>, plain<3000>, sized,
                             sized,     catching,  catching,   throwing,    jumped_to,
                             jumping,   sorting,   sorting,    deep,        mapping,
                             switching, signalled, plain<16>,  plain<24>,   plain<8>};
  while (t.left > 0 && depth < kDeepest && t.next(8) != 0) {
    kKinds[t.next(std::size(kKinds))](t, depth);
    pause_here(t);
  }
}

void run_stack() {
  Thread& t = self();
  while (t.left > 0) step(t, 0);
  t.current->over = true;
  t.current = &t.own;
}

void prepare(Stack& stack, ucontext_t& after) {
  stack.memory = static_cast<char*>(std::malloc(kCoroutineStack));
  if (stack.memory == nullptr || getcontext(&stack.context) != 0) std::abort();
  stack.context.uc_stack.ss_sp = stack.memory;
  stack.context.uc_stack.ss_size = kCoroutineStack;
  stack.context.uc_link = &after;
  makecontext(&stack.context, run_stack, 0);
}

// Lets each coroutine come to its end: nothing is allocated any more.
void finish(Thread& t) {
  for (Stack& stack : t.coroutines) {
    while (!stack.over) {
      t.current = &stack;
      swapcontext(&t.own.context, &stack.context);
      t.current = &t.own;
    }
    std::free(stack.memory);
  }
  for (void* block : t.kept) std::free(block);
}

void* run(void* argument) {
  Thread& t = *static_cast<Thread*>(argument);
  pthread_setspecific(thread_key, &t);
  stack_t stack = {};
  stack.ss_sp = std::malloc(kSignalStack);
  stack.ss_size = kSignalStack;
  if (stack.ss_sp == nullptr || sigaltstack(&stack, nullptr) != 0) std::abort();
  sigset_t timer;
  sigemptyset(&timer);
  sigaddset(&timer, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &timer, nullptr);
  for (Stack& coroutine : t.coroutines) prepare(coroutine, t.own.context);
  while (t.left > 0) step(t, 0);
  finish(t);
  pthread_sigmask(SIG_BLOCK, &timer, nullptr);
  const stack_t none = {nullptr, SS_DISABLE, 0};
  sigaltstack(&none, nullptr);
  std::free(stack.ss_sp);
  return nullptr;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  if (sigaction(signal, &action, nullptr) != 0) std::abort();
}

void set_timer(suseconds_t microseconds) {
  const itimerval often = {{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_REAL, &often, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t allocations = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5000;
  pthread_key_create(&thread_key, nullptr);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, SA_ONSTACK);
  handle(SIGALRM, on_timer, SA_RESTART);
  sigset_t timer;  // the threads', not this one's
  sigemptyset(&timer);
  sigaddset(&timer, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &timer, nullptr);
  static Thread states[kThreads];
  pthread_t threads[kThreads];
  for (unsigned i = 0; i < kThreads; ++i) {
    states[i].dice = 88172645463325252u * (i + 1);
    states[i].left = allocations;
    pthread_create(&threads[i], nullptr, run, &states[i]);
  }
  set_timer(1000);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  set_timer(0);
  return 0;
}

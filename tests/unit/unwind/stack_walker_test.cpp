#include "unwind/stack_walker.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "unit/unwind/whole_stack.h"

namespace memoir {
namespace {

// Walks here, both ways, and compares: ours must be what libunwind says, address for
// address. Counts what it compared, so that a test can tell that it did.
class Comparison {
 public:
  Comparison() { walker_->set_bounds(current_stack_bounds()); }

  __attribute__((noinline)) void compare() {
    const WalkedStack walked = walker_->walk(__builtin_frame_address(0));
    std::array<void*, 4096> expected{};
    const int n = unw_backtrace(expected.data(), static_cast<int>(expected.size()));
    // libunwind begins inside this function.
    std::vector<std::uint64_t> theirs;
    for (int i = 1; i < n; ++i)
      theirs.push_back(reinterpret_cast<std::uint64_t>(expected[i]));
    while (!theirs.empty() && theirs.back() == 0) theirs.pop_back();
    const std::vector<std::uint64_t> ours = remember_all(*walker_, walked);
    EXPECT_EQ(ours, theirs);
    remembered_ += walked.remembered;
    deepest_ = std::max(deepest_, ours.size());
    ++count_;
  }

  std::size_t deepest() const { return deepest_; }
  int count() const { return count_; }
  // Frames that needed no walking, all comparisons together.
  std::size_t remembered() const { return remembered_; }

 private:
  std::unique_ptr<StackWalker> walker_ = std::make_unique<StackWalker>();
  std::size_t deepest_ = 0;
  std::size_t remembered_ = 0;
  int count_ = 0;
};

__attribute__((noinline)) void recurse(int depth, Comparison& comparison) {
  volatile char room[40] = {};
  if (depth == 0) {
    comparison.compare();
  } else {
    recurse(depth - 1, comparison);
  }
  keep(room);
}

__attribute__((noinline)) void with_alloca(std::size_t size, Comparison& comparison) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(size));
  room[0] = 1;
  comparison.compare();
  room[size - 1] = 1;
}

// Makes the compiler realign the stack, which call frame information says in expressions.
__attribute__((noinline)) void with_alignment(std::size_t size, Comparison& comparison) {
  alignas(128) volatile char aligned[256];
  with_alloca(size, comparison);
  keep(aligned);
}

TEST(StackWalker, AgreesWithLibunwindHereAndDeep) {
  Comparison comparison;
  comparison.compare();
  recurse(5, comparison);
  recurse(1000, comparison);
  EXPECT_GT(comparison.deepest(), 1000u);
}

TEST(StackWalker, AgreesBelowAllocaAndRealignedFrames) {
  Comparison comparison;
  for (const std::size_t size : {16, 100, 5000}) with_alignment(size, comparison);
  EXPECT_EQ(comparison.count(), 3);
}

Comparison* g_comparison = nullptr;

int compare_in_callback(const void* a, const void* b) {
  g_comparison->compare();
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

TEST(StackWalker, AgreesInsideCallbacksOfLibc) {
  Comparison comparison;
  g_comparison = &comparison;
  int numbers[] = {3, 1, 2};
  qsort(numbers, 3, sizeof numbers[0], compare_in_callback);
  EXPECT_GE(comparison.count(), 2);
}

void compare_in_handler(int) { g_comparison->compare(); }

TEST(StackWalker, AgreesInsideASignalHandler) {
  Comparison comparison;
  g_comparison = &comparison;
  struct sigaction action {};
  action.sa_handler = compare_in_handler;
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  raise(SIGUSR1);
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(comparison.count(), 1);
}

TEST(StackWalker, AgreesOnAnAlternateSignalStack) {
  Comparison comparison;
  g_comparison = &comparison;
  std::vector<char> room(256 * 1024);
  stack_t stack{};
  stack.ss_sp = room.data();
  stack.ss_size = room.size();
  stack_t before_stack{};
  ASSERT_EQ(sigaltstack(&stack, &before_stack), 0);
  struct sigaction action {};
  action.sa_handler = compare_in_handler;
  action.sa_flags = SA_ONSTACK;
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  raise(SIGUSR1);
  sigaction(SIGUSR1, &before, nullptr);
  sigaltstack(&before_stack, nullptr);
  EXPECT_EQ(comparison.count(), 1);
}

TEST(StackWalker, AgreesWhileAnExceptionIsHandled) {
  Comparison comparison;
  const std::function<void(int)> thrower = [&](int depth) {
    if (depth == 0) throw 1;
    thrower(depth - 1);
  };
  try {
    thrower(10);
  } catch (int) {
    comparison.compare();
  }
  EXPECT_EQ(comparison.count(), 1);
}

TEST(StackWalker, AgreesAfterLongjmp) {
  Comparison comparison;
  std::jmp_buf here;
  if (setjmp(here) == 0) {
    recurse(3, comparison);
    longjmp(here, 1);
  }
  recurse(2, comparison);
  EXPECT_EQ(comparison.count(), 2);
}

TEST(StackWalker, AgreesOnThreads) {
  std::vector<std::thread> threads;
  std::array<int, 4> counts{};
  for (int& count : counts) {
    threads.emplace_back([&count] {
      Comparison comparison;
      for (int depth = 0; depth < 50; ++depth) recurse(depth, comparison);
      count = comparison.count();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts, (std::array<int, 4>{50, 50, 50, 50}));
}

ucontext_t g_main_context;
ucontext_t g_coroutine;

void compare_in_coroutine() {
  recurse(4, *g_comparison);
  swapcontext(&g_coroutine, &g_main_context);
}

TEST(StackWalker, WalksTheStackOfACoroutine) {
  Comparison comparison;
  g_comparison = &comparison;
  std::vector<char> room(256 * 1024);
  ASSERT_EQ(getcontext(&g_coroutine), 0);
  g_coroutine.uc_stack.ss_sp = room.data();
  g_coroutine.uc_stack.ss_size = room.size();
  makecontext(&g_coroutine, compare_in_coroutine, 0);
  swapcontext(&g_main_context, &g_coroutine);
  EXPECT_EQ(comparison.count(), 1);
}

// Calls function(argument) from a frame whose call frame information is wrong: it says
// that the caller is found by the frame pointer, which holds `garbage`.
extern "C" void call_with_wrong_rules(void (*function)(void*), void* argument,
                                      std::uint64_t garbage);
__asm__(R"(
  .text
  .type call_with_wrong_rules, @function
call_with_wrong_rules:
  .cfi_startproc
  push %rbp
  mov %rdi, %rax
  mov %rsi, %rdi
  mov %rdx, %rbp
  .cfi_def_cfa %rbp, 16
  call *%rax
  pop %rbp
  ret
  .cfi_endproc
  .size call_with_wrong_rules, .-call_with_wrong_rules
)");

struct WrongWalk {
  StackWalker* walker;
  WalkedStack walked;
};

void walk_wrongly(void* argument) {
  auto* wrong = static_cast<WrongWalk*>(argument);
  wrong->walked = wrong->walker->walk(__builtin_frame_address(0));
}

TEST(StackWalker, WrongFrameInformationEndsAStackEarlyAndHarmsNothing) {
  const auto walker = std::make_unique<StackWalker>();
  const StackBounds bounds = current_stack_bounds();
  ASSERT_NE(bounds.high, 0u);
  walker->set_bounds(bounds);
  for (const std::uint64_t garbage :
       {std::uint64_t{0}, std::uint64_t{16}, bounds.low, bounds.low + 4096,
        bounds.high - 8, bounds.high, ~std::uint64_t{0} - 64, std::uint64_t{1} << 50}) {
    WrongWalk wrong{walker.get(), {}};
    call_with_wrong_rules(walk_wrongly, &wrong, garbage);
    EXPECT_GE(remember_all(*walker, wrong.walked).size(), 1u) << garbage;
  }
}

TEST(StackWalker, WalksOnlyWhatIsNewSinceTheLastWalk) {
  Comparison comparison;
  recurse(200, comparison);
  EXPECT_EQ(comparison.remembered(), 0u);
  recurse(200, comparison);
  // All but the frames of this function and those below, which are called from another
  // line.
  EXPECT_GE(comparison.remembered(), 3u);
  const std::size_t before = comparison.remembered();
  const volatile int times = 3;  // from one line, which no compiler may copy
  for (int i = 0; i < times; ++i) recurse(200, comparison);
  EXPECT_GE(comparison.remembered() - before, 200u);
}

__attribute__((noinline)) void one_way(int depth, Comparison& comparison) {
  volatile char room[40] = {};
  recurse(depth, comparison);
  keep(room);
}

__attribute__((noinline)) void other_way(int depth, Comparison& comparison) {
  volatile char room[40] = {};
  recurse(depth, comparison);
  keep(room);
}

// The inner frames lie where they lay, with the same addresses, but were called from
// another function: only the words further out tell.
TEST(StackWalker, NoticesThatOnlyAnOuterFrameChanged) {
  Comparison comparison;
  for (int i = 0; i < 4; ++i) {
    auto* way = i % 2 == 0 ? &one_way : &other_way;
    way(30, comparison);
  }
  EXPECT_EQ(comparison.count(), 4);
}

// A frame found by a frame pointer that an inner function saved: same addresses at the
// same places, and only the saved register differs.
__attribute__((noinline)) void below_two_allocas(std::size_t outer, std::size_t inner,
                                                 Comparison& comparison) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(outer));
  room[0] = 1;
  with_alloca(inner, comparison);
  room[outer - 1] = 1;
}

TEST(StackWalker, NoticesThatOnlyASavedFramePointerChanged) {
  Comparison comparison;
  for (int i = 0; i < 8; ++i) {
    const std::size_t outer = 64 + 16 * static_cast<std::size_t>(i % 4);
    below_two_allocas(outer, 512 - outer, comparison);
  }
  EXPECT_EQ(comparison.count(), 8);
}

}  // namespace
}  // namespace memoir

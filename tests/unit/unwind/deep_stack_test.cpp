// Stacks of more frames than are kept.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "unit/unwind/whole_stack.h"
#include "unwind/stack_walker.h"

namespace memoir {
namespace {

__attribute__((noinline)) WalkedStack walk_at(int depth, StackWalker& walker) {
  volatile char room[16] = {};
  const WalkedStack walked =
      depth == 0 ? walker.walk(__builtin_frame_address(0)) : walk_at(depth - 1, walker);
  keep(room);
  return walked;
}

TEST(DeepStack, KeepsBothEndsOfOneTooDeepToKeepWhole) {
  const auto walker = std::make_unique<StackWalker>();
  walker->set_bounds(current_stack_bounds());
  const std::vector<std::uint64_t> expected = remember_all(*walker, walk_at(0, *walker));
  const WalkedStack walked = walk_at(20'000, *walker);
  EXPECT_EQ(walked.gap, kMaxWholeStack / 2);
  const std::vector<std::uint64_t> deep = remember_all(*walker, walked);
  EXPECT_EQ(deep.size(), kMaxWholeStack);
  // The outer half ends as the shallow stack does, but for the line of this very call.
  ASSERT_GT(expected.size(), 4u);
  for (std::size_t i = 1; i + 2 <= expected.size(); ++i) {
    EXPECT_EQ(deep[deep.size() - i], expected[expected.size() - i]) << i;
  }
  // And is not remembered, nor does it harm what comes after.
  const WalkedStack shallow_again = walk_at(0, *walker);
  EXPECT_EQ(shallow_again.remembered, 0u);
  EXPECT_EQ(remember_all(*walker, shallow_again).size(), expected.size());
}

// Is interrupted in a frame whose caller's last instruction is the call: what it returns
// to is the next function, whose rules would end the stack there.
extern "C" void trap_below_a_last_call();
__asm__(R"(
  .text
  .type trap_here, @function
trap_here:
  .cfi_startproc
  int3
  ret
  .cfi_endproc
  .size trap_here, .-trap_here

  .type trap_below_a_last_call, @function
trap_below_a_last_call:
  .cfi_startproc
  pushq $0
  .cfi_adjust_cfa_offset 8
  pushq $0
  .cfi_adjust_cfa_offset 8
  pushq $0
  .cfi_adjust_cfa_offset 8
  call trap_here
  .cfi_endproc
  .size trap_below_a_last_call, .-trap_below_a_last_call

  .type after_a_last_call, @function
after_a_last_call:
  .cfi_startproc
  add $24, %rsp
  ret
  .cfi_endproc
  .size after_a_last_call, .-after_a_last_call
)");

StackWalker* g_walker = nullptr;
WalkedStack g_walked;

void walk_in_handler(int) { g_walked = g_walker->walk(__builtin_frame_address(0)); }

__attribute__((noinline)) void trap_at(int depth) {
  volatile char room[16] = {};
  if (depth == 0) {
    trap_below_a_last_call();
  } else {
    trap_at(depth - 1);
  }
  keep(room);
}

TEST(DeepStack, TakesOnlyTheFrameBehindASignalFrameForInterrupted) {
  const auto walker = std::make_unique<StackWalker>();
  walker->set_bounds(current_stack_bounds());
  g_walker = walker.get();
  struct sigaction action {};
  action.sa_handler = walk_in_handler;
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGTRAP, &action, &before), 0);
  trap_at(0);
  const std::vector<std::uint64_t> shallow = remember_all(*walker, g_walked);
  trap_at(20'000);  // too deep to keep whole
  sigaction(SIGTRAP, &before, nullptr);

  EXPECT_EQ(g_walked.gap, kMaxWholeStack / 2);
  const std::vector<std::uint64_t> deep = remember_all(*walker, g_walked);
  // The signal frame, who was interrupted, its caller, and trap_at().
  ASSERT_GT(std::min(shallow.size(), deep.size()), 4u);
  EXPECT_TRUE(std::equal(deep.begin(), deep.begin() + 4, shallow.begin()));
  EXPECT_EQ(deep.back(), shallow.back());
}

}  // namespace
}  // namespace memoir

#include "unwind/stack_memo.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace memoir {
namespace {

// A made-up stack: frame i is found by words_[2 * i] (its caller's address) and saved its
// caller's frame pointer in words_[2 * i + 1]. Frame 0 is the outermost.
class StackMemoTest : public testing::Test {
 protected:
  static constexpr std::size_t kFrames = 5;

  // `by_bp`: which frame finds its caller by its frame pointer.
  void push_all(std::size_t by_bp = kFrames) {
    for (std::size_t i = 0; i < kFrames; ++i) {
      words_[2 * i] = i == 0 ? 0 : pc(i - 1);
      words_[2 * i + 1] = i == 0 ? 0 : bp(i - 1);
      WalkedFrame frame{.pc = pc(i), .sp = sp(i), .bp = bp(i)};
      frame.caller_sp = i == 0 ? sp(i) + 16 : sp(i - 1);
      frame.pc_slot = address(2 * i);
      frame.bp_slot = address(2 * i + 1);
      frame.by_bp = i == by_bp;
      frame.repeatable = true;
      ASSERT_TRUE(memo_->push(frame, static_cast<StackNodeId>(10 + i)));
    }
  }

  std::uint64_t address(std::size_t word) const {
    return reinterpret_cast<std::uint64_t>(&words_[word]);
  }
  static std::uint64_t pc(std::size_t i) { return 1000 + i; }
  static std::uint64_t sp(std::size_t i) { return 100'000 - 16 * i; }
  static std::uint64_t bp(std::size_t i) { return 7000 + i; }

  std::array<std::uint64_t, 2 * kFrames> words_{};
  std::unique_ptr<StackMemo> memo_ = std::make_unique<StackMemo>();
};

TEST_F(StackMemoTest, AStackThatStandsIsVerified) {
  push_all();
  EXPECT_EQ(memo_->size(), kFrames);
  EXPECT_EQ(memo_->verify(kFrames - 1), kFrames);
  EXPECT_EQ(memo_->node(2), 12u);
  EXPECT_EQ(memo_->pc(2), pc(2));
}

TEST_F(StackMemoTest, AChangedWordLeavesTheFramesOutsideOfIt) {
  push_all();
  words_[2 * 3] = 4711;  // frame 3 has another caller
  EXPECT_EQ(memo_->verify(kFrames - 1), 3u);
  EXPECT_EQ(memo_->verify(2), 3u);
}

TEST_F(StackMemoTest, AFramePointerCountsOnlyWhereACallerIsFoundByIt) {
  push_all(/*by_bp=*/1);
  // Frame 1 needs its frame pointer, which frame 2 saved.
  EXPECT_FALSE(memo_->is_at(1, {pc(1), sp(1), 4711}, false));
  EXPECT_TRUE(memo_->is_at(1, {pc(1), sp(1), bp(1)}, false));
  EXPECT_TRUE(memo_->is_at(2, {pc(2), sp(2), 4711}, false));
  words_[2 * 4 + 1] = 4711;  // what frame 3's frame pointer was: of no use to anyone
  EXPECT_EQ(memo_->verify(kFrames - 1), kFrames);
  words_[2 * 2 + 1] = 4711;  // what frame 1's was
  EXPECT_EQ(memo_->verify(kFrames - 1), 2u);
}

TEST_F(StackMemoTest, AFrameIsKnownByPlaceAddressAndWhetherItWasInterrupted) {
  push_all();
  EXPECT_TRUE(memo_->is_at(3, {pc(3), sp(3), 0}, false));
  EXPECT_FALSE(memo_->is_at(3, {pc(3), sp(3), 0}, true));
  EXPECT_FALSE(memo_->is_at(3, {pc(2), sp(3), 0}, false));
  EXPECT_FALSE(memo_->is_at(3, {pc(3), sp(2), 0}, false));
  EXPECT_EQ(memo_->skip_below(kFrames, sp(2)), 3u);
  EXPECT_EQ(memo_->skip_below(kFrames, sp(0) + 1), 0u);
}

TEST_F(StackMemoTest, WhatCannotBeReadAgainIsNotRemembered) {
  push_all();
  WalkedFrame frame{.pc = 1, .sp = sp(kFrames), .bp = 0};
  EXPECT_FALSE(memo_->push(frame, 1));
  frame.repeatable = true;
  frame.sp = sp(kFrames - 1);  // not further in than the last one
  EXPECT_FALSE(memo_->push(frame, 1));
  EXPECT_EQ(memo_->size(), kFrames);
}

}  // namespace
}  // namespace memoir

#include <gtest/gtest.h>

#include "heap/diagnose.h"

namespace memoir {
namespace {

BlockView made_by(Api api, std::uint8_t alignment_log2) {
  BlockView block;
  block.size = 100;
  block.alloc_api = api;
  block.alignment_log2 = alignment_log2;
  return block;
}

TEST(DiagnoseReleaseTest, AlignmentsAreThoseThatWereSaid) {
  for (std::uint8_t log2 = 0; log2 < 7; ++log2) {
    const BlockView block = made_by(Api::kNewAligned, log2);
    EXPECT_EQ(diagnose_release(block, Api::kDeleteSizedAligned, 100, log2),
              FaultKind::kNone);
    const auto other = static_cast<std::uint8_t>(log2 + 1);
    EXPECT_EQ(diagnose_release(block, Api::kDeleteAligned, 0, other),
              FaultKind::kAlignmentMismatch);
    EXPECT_EQ(diagnose_release(block, Api::kDelete, 0, kNoAlignment),
              FaultKind::kAlignmentMismatch);
  }
}

TEST(DiagnoseReleaseTest, WithoutAnAlignment) {
  const BlockView block = made_by(Api::kNew, 0);
  EXPECT_EQ(diagnose_release(block, Api::kDelete, 0, kNoAlignment), FaultKind::kNone);
  EXPECT_EQ(diagnose_release(block, Api::kDeleteAligned, 0, 0),
            FaultKind::kAlignmentMismatch);
}

}  // namespace
}  // namespace memoir

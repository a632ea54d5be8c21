#include "collect/fault_book.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

FaultRow late_overflow(std::uint32_t process, std::uint64_t block_number) {
  FaultRow fault;
  fault.process = {process};
  fault.kind = FaultKind::kHeapBufferOverflow;
  fault.access = FaultAccess::kWrite;
  fault.place = MemoryPlace::kBlock;
  fault.late = true;
  fault.address = 1010;
  fault.damaged = 1;
  fault.block_address = 1000;
  fault.block_size = 10;
  fault.block_number = block_number;
  fault.block_live = true;
  fault.stack = {7};
  fault.alloc_stack = {3};
  return fault;
}

// What is silenced, and what was shown.
class Sink : public FaultSink {
 public:
  std::optional<std::string> silenced_by(const FaultRow& fault) override {
    return fault.kind == FaultKind::kDoubleFree ? std::optional<std::string>(rule)
                                                : std::nullopt;
  }
  void show(const FaultRow& fault, const FaultScene&) override {
    shown.push_back(fault.message);
  }

  const std::string rule = "double_free:known";
  std::vector<std::string> shown;
};

class FaultBookTest : public testing::Test {
 protected:
  std::uint64_t count(std::int64_t id) {
    book_.write_progress();
    return static_cast<std::uint64_t>(writer_.database().query_integer(
        "SELECT count FROM fault WHERE id = " + std::to_string(id)));
  }
  std::int64_t rows() {
    return writer_.database().query_integer("SELECT count(*) FROM fault");
  }

  ScratchFile file_{"faults.memoir"};
  TraceWriter writer_{file_.path(), false};
  Sink sink_;
  FaultBook book_{writer_, &sink_};
};

TEST_F(FaultBookTest, WhatIsFoundLateIsKnownByWhereItsBlockWasMade) {
  book_.add(late_overflow(1, 5), {});
  FaultRow other = late_overflow(1, 6);
  other.block_address = 2000;
  other.stack = {9};  // found elsewhere
  book_.add(other, {});
  EXPECT_EQ(1, rows());
  EXPECT_EQ(2U, count(1));
  EXPECT_EQ(1U, sink_.shown.size());
}

TEST_F(FaultBookTest, TheDamageThatAForkedChildFindsAgainDoesNotCount) {
  book_.add(late_overflow(1, 5), {});
  book_.add(late_overflow(2, 5), {});
  book_.add(late_overflow(3, 5), {});
  EXPECT_EQ(1, rows());
  EXPECT_EQ(1U, count(1));
  book_.add(late_overflow(1, 8), {});  // a block of its own, from the same place
  EXPECT_EQ(2U, count(1));
}

TEST_F(FaultBookTest, AtOnceIsKnownByAllStacks) {
  FaultRow fault = late_overflow(1, 5);
  fault.late = false;
  fault.kind = FaultKind::kInvalidFree;
  book_.add(fault, {});
  fault.stack = {8};
  book_.add(fault, {});
  fault.process = {2};
  book_.add(fault, {});
  EXPECT_EQ(2, rows());
  EXPECT_EQ(2U, count(2));
}

TEST_F(FaultBookTest, WhatIsSilencedHasNoRowAndIsCounted) {
  FaultRow fault = late_overflow(1, 5);
  fault.late = false;
  fault.kind = FaultKind::kDoubleFree;
  book_.add_again(book_.add(fault, {}), 4);
  book_.write_progress();
  EXPECT_EQ(0, rows());
  EXPECT_EQ(0U, book_.different());
  EXPECT_TRUE(sink_.shown.empty());
  EXPECT_EQ(5, writer_.database().query_integer(
                   "SELECT hits FROM suppression WHERE rule = 'double_free:known'"));
}

}  // namespace
}  // namespace memoir

#include "collect/fault_message.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

FaultRow in_block(FaultKind kind, std::int64_t offset, std::uint64_t size) {
  FaultRow fault;
  fault.kind = kind;
  fault.access = FaultAccess::kRead;
  fault.place = MemoryPlace::kBlock;
  fault.block_address = 0x10000;
  fault.block_size = size;
  fault.block_live = true;
  fault.address = 0x10000 + static_cast<std::uint64_t>(offset);
  fault.size = 4;
  fault.alloc_api = Api::kMalloc;
  return fault;
}

TEST(FaultMessageTest, SaysWhereAnAccessLies) {
  EXPECT_EQ(fault_message(in_block(FaultKind::kHeapBufferOverflow, 10, 10)),
            "heap buffer overflow: read of 4 bytes, 0 bytes after a 10-byte block");
  EXPECT_EQ(fault_message(in_block(FaultKind::kHeapBufferUnderflow, -1, 8)),
            "heap buffer underflow: read of 4 bytes, 1 byte before an 8-byte block");
  EXPECT_EQ(fault_message(in_block(FaultKind::kHeapBufferOverflow, 8, 11)),
            "heap buffer overflow: read of 4 bytes, 1 more than are left of an 11-byte "
            "block");
  FaultRow freed = in_block(FaultKind::kUseAfterFree, 3, 80);
  freed.block_live = false;
  EXPECT_EQ(fault_message(freed),
            "use after free: read of 4 bytes, 3 bytes inside a freed 80-byte block");
}

TEST(FaultMessageTest, OfALateFindTheSizeIsTheMostThereWas) {
  FaultRow fault = in_block(FaultKind::kHeapBufferOverflow, 100, 100);
  fault.access = FaultAccess::kWrite;
  fault.late = true;
  fault.damaged = 7;
  EXPECT_EQ(fault_message(fault),
            "heap buffer overflow: write of up to 7 bytes, 0 bytes after a 100-byte "
            "block");
  fault.damaged = 1;
  EXPECT_EQ(fault_message(fault),
            "heap buffer overflow: write of 1 byte, 0 bytes after a 100-byte block");
}

TEST(FaultMessageTest, SpeaksNumbersAsPeopleDo) {
  const auto said = [](std::uint64_t size) {
    const std::string text =
        fault_message(in_block(FaultKind::kHeapBufferUnderflow, -2, size));
    return text.substr(text.find("before ") + 7);
  };
  EXPECT_EQ(said(8), "an 8-byte block");
  EXPECT_EQ(said(18), "an 18-byte block");
  EXPECT_EQ(said(800), "an 800-byte block");
  EXPECT_EQ(said(11000), "an 11000-byte block");
  EXPECT_EQ(said(1), "a 1-byte block");
  EXPECT_EQ(said(110), "a 110-byte block");
  EXPECT_EQ(said(1100), "a 1100-byte block");
  EXPECT_EQ(said(180), "a 180-byte block");
}

TEST(FaultMessageTest, SaysWhatWasFreed) {
  FaultRow fault;
  fault.kind = FaultKind::kInvalidFree;
  fault.free_api = Api::kRealloc;
  const auto said = [&fault](MemoryPlace place) {
    fault.place = place;
    return fault_message(fault);
  };
  EXPECT_EQ(said(MemoryPlace::kStack),
            "invalid free: realloc of memory on the thread's stack");
  EXPECT_EQ(said(MemoryPlace::kGlobal),
            "invalid free: realloc of memory in static storage");
  EXPECT_EQ(said(MemoryPlace::kMapping),
            "invalid free: realloc of mapped memory that is no block");
  EXPECT_EQ(said(MemoryPlace::kUnmapped),
            "invalid free: realloc of an address where nothing is mapped");
  EXPECT_EQ(said(MemoryPlace::kUnknown),
            "invalid free: realloc of an address that is no block");
}

TEST(FaultMessageTest, SaysWhatDoesNotMatch) {
  FaultRow fault = in_block(FaultKind::kAllocDeallocMismatch, 0, 10);
  fault.free_api = Api::kDelete;
  EXPECT_EQ(fault_message(fault),
            "allocation and deallocation do not match: allocated by malloc, freed by "
            "operator delete");
  fault.kind = FaultKind::kSizeMismatch;
  fault.free_api = Api::kDeleteSized;
  fault.claimed = 1;
  EXPECT_EQ(fault_message(fault),
            "deallocation with another size: operator delete(size) of 1 byte, but the "
            "block has 10");
  fault.kind = FaultKind::kBadSize;
  fault.claimed = ~std::uint64_t{0};
  EXPECT_EQ(fault_message(fault), "bad size: malloc of -1 bytes (18446744073709551615)");
  fault.alloc_api = Api::kCalloc;
  EXPECT_EQ(fault_message(fault), "bad size: calloc of more bytes than a size can hold");
}

// What a program has written over must not be believed, and not end the collector.
TEST(FaultMessageTest, AnyValuesMakeSomeMessage) {
  for (int kind = 0; kind <= 255; ++kind) {
    FaultRow fault = in_block(static_cast<FaultKind>(kind), -1, ~std::uint64_t{0});
    fault.address = ~std::uint64_t{0};
    fault.size = ~std::uint64_t{0};
    fault.free_api = static_cast<Api>(200);
    fault.place = static_cast<MemoryPlace>(kind % 9);
    fault.access = static_cast<FaultAccess>(kind % 5);
    EXPECT_FALSE(fault_message(fault).empty());
  }
}

}  // namespace
}  // namespace memoir

#include "launcher/memory_dump.h"

#include <gtest/gtest.h>

#include <vector>

namespace memoir {
namespace {

std::vector<std::uint8_t> numbers(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i + 0x20);
  return bytes;
}

TEST(MemoryDumpTest, MarksBytesAndTheEndsOfTheBlock) {
  const std::vector<std::uint8_t> bytes = numbers(48);
  const MemoryDump dump{0x1000, bytes, 0x101a, 2, 0x1010, 0x101a};
  EXPECT_EQ(
      render_dump(dump, 2, {}),
      "  000000001000  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f  "
      "!\"#$%&'()*+,-./\n"
      "  000000001010 |30 31 32 33 34 35 36 37 38 39|3a 3b 3c 3d 3e 3f 0123456789:;<=>?\n"
      "                                              ^^ ^^\n"
      "  000000001020  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f "
      "@ABCDEFGHIJKLMNO\n");
}

TEST(MemoryDumpTest, LeavesOutLinesWithoutMarksAndWhatIsNotKnown) {
  const std::vector<std::uint8_t> bytes = numbers(70);
  const MemoryDump dump{0x2008, bytes, 0x2048, 100};
  const std::string text = render_dump(dump, 0, {});
  EXPECT_EQ(
      text,
      "000000002030  48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 55 56 57 HIJKLMNOPQRSTUVW\n"
      "000000002040  58 59 5a 5b 5c 5d 5e 5f 60 61 62 63 64 65       XYZ[\\]^_`abcde  \n"
      "                                      ^^ ^^ ^^ ^^ ^^ ^^\n");
}

TEST(MemoryDumpTest, IsNothingWithoutTheBytesThatMatter) {
  const std::vector<std::uint8_t> bytes = numbers(16);
  EXPECT_EQ(render_dump({0x1000, bytes, 0x1010, 4}, 2, {}), "");
  EXPECT_EQ(render_dump({0x1000, bytes, 0x1000, 0}, 2, {}), "");
  EXPECT_EQ(render_dump({0, {}, 0, 8}, 2, {}), "");
}

}  // namespace
}  // namespace memoir

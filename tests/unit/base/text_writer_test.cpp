#include "base/text_writer.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(Text, WritesTextAndNumbers) {
  Text<64> text;
  text.add("pid ").add_decimal(0).add(" at 0x").add_hex(0xdeadbeef).add_char('!');
  EXPECT_STREQ(text.c_str(), "pid 0 at 0xdeadbeef!");
  EXPECT_EQ(text.size(), 20u);
}

TEST(Text, WritesTheLargestNumber) {
  Text<64> text;
  text.add_decimal(~0ull);
  EXPECT_STREQ(text.c_str(), "18446744073709551615");
}

TEST(Text, IsCutAndNeverOverrun) {
  Text<8> text;
  text.add("0123456789").add_decimal(42);
  EXPECT_STREQ(text.c_str(), "0123456");
  EXPECT_TRUE(text.full());
}

}  // namespace
}  // namespace memoir

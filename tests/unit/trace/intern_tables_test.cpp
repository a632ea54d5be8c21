#include "trace/intern_tables.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(InternTables, ModulesAreTheirPathAndBuildId) {
  InternTables tables;
  const auto app = tables.module("/bin/app", "ab");
  EXPECT_TRUE(app.is_new);
  EXPECT_EQ(app.id.value, 1U);
  EXPECT_FALSE(tables.module("/bin/app", "ab").is_new);
  EXPECT_EQ(tables.module("/bin/app", "cd").id.value, 2U);
  EXPECT_EQ(tables.module("/bin/appab", "").id.value, 3U);
}

TEST(InternTables, FramesOfEveryAddressAreToldApart) {
  InternTables tables;
  std::uint32_t next = 1;
  for (const std::uint32_t module : {0U, 1U, 2U, 65535U, 65536U, ~0U}) {
    for (const std::uint64_t address :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 47,
          std::uint64_t{1} << 48, ~std::uint64_t{0}}) {
      const auto made = tables.frame({module}, address);
      EXPECT_TRUE(made.is_new);
      EXPECT_EQ(made.id.value, next++);
      const auto again = tables.frame({module}, address);
      EXPECT_FALSE(again.is_new);
      EXPECT_EQ(again.id, made.id);
    }
  }
}

}  // namespace
}  // namespace memoir

#include "analyze/table_output.h"

#include <gtest/gtest.h>

#include "launcher/result_table.h"

namespace memoir {
namespace {

TEST(TableOutput, WritesCsvAsRfc4180) {
  TableOutput table(TableFormat::kCsv, {"n", "name"});
  table.add({std::int64_t{1}, std::string("plain")});
  table.add({Cell(), std::string("a,b \"c\"\nd")});
  table.add({1.5, std::string()});
  EXPECT_EQ(table.finish(), "n,name\r\n1,plain\r\n,\"a,b \"\"c\"\"\nd\"\r\n1.5,\r\n");
}

TEST(TableOutput, WritesJsonObjects) {
  TableOutput table(TableFormat::kJson, {"n", "name"});
  EXPECT_EQ(table.take(), "[");
  table.add({std::int64_t{1}, std::string("a\"b\xff")});
  table.add({Cell(), Cell()});
  EXPECT_EQ(table.finish(),
            "\n  {\"n\":1,\"name\":\"a\\\"b\xEF\xBF\xBD\"},\n"
            "  {\"n\":null,\"name\":null}\n]\n");
}

TEST(TableOutput, WritesEmptyTables) {
  EXPECT_EQ(TableOutput(TableFormat::kJson, {"a"}).finish(), "[]\n");
  EXPECT_EQ(TableOutput(TableFormat::kCsv, {"a", "b"}).finish(), "a,b\r\n");
}

TEST(TableOutput, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(text_cell(""), Cell());
  EXPECT_EQ(line_cell(0), Cell());
  EXPECT_EQ(line_cell(7), Cell(std::int64_t{7}));
  EXPECT_EQ(number_cell(0), Cell(std::int64_t{0}));
}

TEST(ResultTable, AlignsColumns) {
  ResultTable table({"function", "bytes"});
  table.add({std::string("f"), std::int64_t{5}});
  table.add({std::string("longer_name"), std::int64_t{12345}});
  EXPECT_EQ(table.finish(),
            "function     bytes\n-----------  -----\nf                5\n"
            "longer_name  12345\n");
}

TEST(ResultTable, KeepsTheLinesOfASingleText) {
  ResultTable table({"text"});
  table.add({std::string("a\nb\x1b")});
  EXPECT_EQ(table.finish(), "text\na\nb?\n");
}

TEST(ResultTable, PrintsAsItComes) {
  ResultTable table({"n"});
  for (std::int64_t i = 0; i < 1000; ++i) table.add({i});
  EXPECT_FALSE(table.take().empty());
  EXPECT_EQ(table.finish(), "");
}

}  // namespace
}  // namespace memoir

#include "analyze/filter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "analyze/filter_units.h"

namespace memoir {
namespace {

FilterTerm only_term(const std::string& text) {
  const ParsedFilter parsed = parse_filter(text);
  EXPECT_FALSE(parsed.error) << text << ": " << parsed.error->message;
  EXPECT_EQ(parsed.filter.terms.size(), 1U) << text;
  return parsed.filter.terms.empty() ? FilterTerm() : parsed.filter.terms[0];
}

TEST(Filter, ReadsEveryWord) {
  const ParsedFilter parsed = parse_filter(
      "size>64k fn:parse -file:/usr age>2s thread:3 leaked -temp site:123 addr:0x7f10"
      "  t:1.2s..3s module:libc pool:arena class:definite \"two words\" bare via:main");
  ASSERT_FALSE(parsed.error) << parsed.error->message;
  const auto& terms = parsed.filter.terms;
  ASSERT_EQ(terms.size(), 16U);
  EXPECT_EQ(terms[0].field, FilterField::kSize);
  EXPECT_EQ(terms[0].least, 65'537U);
  EXPECT_EQ(terms[0].most, FilterTerm::kNoLimit);
  EXPECT_EQ(terms[2].field, FilterField::kFile);
  EXPECT_TRUE(terms[2].negated);
  EXPECT_EQ(terms[3].least, 2'000'000'001U);
  EXPECT_EQ(terms[4].text, "3");
  EXPECT_EQ(terms[5].field, FilterField::kLeaked);
  EXPECT_TRUE(terms[6].negated);
  EXPECT_EQ(terms[7].least, 123U);
  EXPECT_EQ(terms[7].most, 123U);
  EXPECT_EQ(terms[8].least, 0x7f10U);
  EXPECT_EQ(terms[9].least, 1'200'000'000U);
  EXPECT_EQ(terms[9].most, 3'000'000'000U);
  EXPECT_EQ(terms[12].text, "definite");
  EXPECT_EQ(terms[13].field, FilterField::kText);
  EXPECT_EQ(terms[13].text, "two words");
  EXPECT_EQ(terms[14].field, FilterField::kWord);
  EXPECT_EQ(terms[14].begin, 141U);
  EXPECT_EQ(terms[14].end, 145U);
}

TEST(Filter, TakesNamesOfCppAsTheyAre) {
  EXPECT_EQ(only_term("std::vector<int>").text, "std::vector<int>");
  EXPECT_EQ(only_term("operator==").text, "operator==");
  EXPECT_EQ(only_term("t::f").text, "t::f");
  EXPECT_EQ(only_term("size").field, FilterField::kWord);
  EXPECT_EQ(only_term("leaked_thing").field, FilterField::kWord);
  EXPECT_EQ(only_term("fn:std::vector").text, "std::vector");
  EXPECT_EQ(only_term("fn:\"operator new\"").text, "operator new");
  EXPECT_EQ(only_term("\"say \\\"it\\\"\"").text, "say \"it\"");
}

TEST(Filter, ReadsRangesAndBounds) {
  const auto expect = [](const char* text, std::uint64_t least, std::uint64_t most) {
    const FilterTerm term = only_term(text);
    EXPECT_EQ(term.least, least) << text;
    EXPECT_EQ(term.most, most) << text;
  };
  expect("size:100", 100, 100);
  expect("size=1KiB", 1024, 1024);
  expect("size>=1.5MiB", 3 << 19, FilterTerm::kNoLimit);
  expect("size<64", 0, 63);
  expect("size<=64", 0, 64);
  expect("size:1k..4K", 1024, 4096);
  expect("size:1k..", 1024, FilterTerm::kNoLimit);
  expect("size:..1k", 0, 1024);
  expect("age<20us", 0, 19'999);
  expect("t>1min", 60'000'000'001, FilterTerm::kNoLimit);
}

TEST(Filter, SaysWhatIsWrongAndWhere) {
  const auto expect = [](const std::string& text, std::size_t begin, const char* words) {
    const ParsedFilter parsed = parse_filter(text);
    ASSERT_TRUE(parsed.error) << text;
    EXPECT_EQ(parsed.error->begin, begin) << text;
    EXPECT_LE(parsed.error->end, text.size()) << text;
    EXPECT_NE(parsed.error->message.find(words), std::string::npos)
        << text << ": " << parsed.error->message;
  };
  expect("ok size>", 8, "missing");
  expect("size>many", 5, "a size");
  expect("size:4k..1k", 5, "before it begins");
  expect("size:..", 5, "at least one end");
  expect("size:1k..x", 9, "a size");
  expect("size<0", 5, "nothing is smaller");
  expect("age:2s", 4, "age>2s");
  expect("fn:", 3, "missing");
  expect("fn>parse", 2, "no order");
  expect("class:lost", 6, "definite, indirect");
  expect("colour:red", 0, "no \"colour:\"");
  expect("main.c:12 file:x color:blue", 17, "no \"color:\"");
  expect("a \"open", 2, "not closed");
  expect("\"\"", 0, "nothing between");
  expect("\"a\"b", 3, "a space");
  expect("- a", 0, "after -");
  expect("addr:zz", 5, "an address");
  expect("process:1.5", 8, "a number");
  // The rest is still there.
  EXPECT_EQ(parse_filter("size>x fn:a leaked").filter.terms.size(), 2U);
}

TEST(Filter, WritesWhatItRead) {
  for (const char* text : {"size>64k",
                           "size<64k",
                           "size:100",
                           "size>=1k",
                           "size<=1k",
                           "size:1k..4k",
                           "age>2s",
                           "t:1.2s..3s",
                           "t:1.234567891s..",
                           "thread:worker",
                           "-leaked",
                           "temp",
                           "site:12",
                           "stack:3",
                           "addr:0x7f10",
                           "\"two \\\"w\\\"\"",
                           "bare",
                           "-bare",
                           "std::vector<int>",
                           "fn:\"operator new\"",
                           "class:in_pool",
                           "api:malloc",
                           "process:2",
                           "process:1..3"}) {
    const Filter filter = parse_filter(text).filter;
    EXPECT_EQ(filter.terms.size(), 1U) << text;
    const std::string written = filter_text(filter);
    if (std::string(text).find("1.234567891") == std::string::npos) {
      EXPECT_EQ(written, text);
    }
    const FilterTerm& a = filter.terms.at(0);
    const FilterTerm b = only_term(written);
    EXPECT_EQ(a.least, b.least) << written;
    EXPECT_EQ(a.most, b.most) << written;
    EXPECT_EQ(a.text, b.text) << written;
    EXPECT_EQ(a.negated, b.negated) << written;
  }
  EXPECT_EQ(filter_text(parse_filter("  fn:a   -leaked ").filter), "fn:a -leaked");
}

TEST(Filter, SurvivesAnyText) {
  std::mt19937 random(3);
  const char* const pieces[] = {"size", ":", ">", "=", "-",  "\"", "\\", " ",   "fn",
                                "..",   "k", "1", "é", "0x", "t",  "s",  "\x01"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t k = random() % 12; k > 0; --k) text += pieces[random() % 17];
    const ParsedFilter parsed = parse_filter(text);
    if (parsed.error) {
      EXPECT_LE(parsed.error->begin, parsed.error->end) << text;
      EXPECT_LE(parsed.error->end, text.size()) << text;
    }
    const std::string written = filter_text(parsed.filter);
    const ParsedFilter again = parse_filter(written);
    EXPECT_FALSE(again.error) << text << " -> " << written;
    EXPECT_EQ(filter_text(again.filter), written) << text;
  }
}

TEST(FilterUnits, AreExactWhereTheyCanBe) {
  EXPECT_EQ(parse_bytes("18446744073709551615"), FilterTerm::kNoLimit);
  EXPECT_EQ(parse_bytes("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_bytes("17179869184g"), std::nullopt);
  EXPECT_EQ(parse_bytes("1.5"), 2U);
  EXPECT_EQ(parse_bytes("1e5"), std::nullopt);
  EXPECT_EQ(parse_bytes("1.2.3k"), std::nullopt);
  EXPECT_EQ(parse_bytes("99999999999.5t"), std::nullopt);
  EXPECT_EQ(parse_bytes(""), std::nullopt);
  EXPECT_EQ(parse_bytes("k"), std::nullopt);
  EXPECT_EQ(parse_bytes("1kk"), std::nullopt);
  EXPECT_EQ(parse_duration("1.5"), 1'500'000'000U);
  EXPECT_EQ(parse_duration("2h"), 7'200'000'000'000U);
  EXPECT_EQ(parse_duration("2 h"), std::nullopt);
  EXPECT_EQ(parse_address("7fff"), 0x7fffU);
  EXPECT_EQ(parse_address("0x"), std::nullopt);
  EXPECT_EQ(parse_address("11112222333344445"), std::nullopt);
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1023}, std::uint64_t{1024},
        std::uint64_t{1536}, std::uint64_t{123'456'789}, FilterTerm::kNoLimit}) {
    EXPECT_EQ(parse_bytes(write_bytes(value)), value);
    EXPECT_EQ(parse_duration(write_duration(value)), value);
    EXPECT_EQ(parse_address(write_address(value)), value);
  }
}

}  // namespace
}  // namespace memoir

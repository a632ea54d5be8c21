#include "analyze/units.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(Units, CountsHaveSeparators) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'000), "1,000");
  EXPECT_EQ(format_count(12'345'678), "12,345,678");
  EXPECT_EQ(format_things(1, "block"), "1 block");
  EXPECT_EQ(format_things(2'000, "block"), "2,000 blocks");
}

TEST(Units, BytesTakeTheUnitThatFits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1'023), "1,023 B");
  EXPECT_EQ(format_bytes(1'024), "1.0 KiB");
  EXPECT_EQ(format_bytes(1'536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1'048'575), "1.0 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(format_bytes(~std::uint64_t{0}), "16,384.0 PiB");
}

TEST(Units, DurationsTakeTheUnitThatFits) {
  EXPECT_EQ(format_duration(12), "12 ns");
  EXPECT_EQ(format_duration(12'345), "12 us");
  EXPECT_EQ(format_duration(850'000'000), "850 ms");
  EXPECT_EQ(format_duration(1'250'000'000), "1.25 s");
  EXPECT_EQ(format_duration(123'000'000'000), "2 min 03 s");
  EXPECT_EQ(format_duration(7'384'000'000'000), "2 h 03 min");
}

TEST(Units, PercentOfNothingIsADash) {
  EXPECT_EQ(format_percent(1, 8), "12.5%");
  EXPECT_EQ(format_percent(3, 3), "100.0%");
  EXPECT_EQ(format_percent(0, 0), "-");
}

TEST(Units, EndsAreSaidInWords) {
  EXPECT_EQ(describe_end("exit:0", false), "exited with status 0");
  EXPECT_EQ(describe_end("signal:11", false), "killed by SIGSEGV");
  EXPECT_EQ(describe_end("signal:99", false), "killed by signal 99");
  EXPECT_EQ(describe_end("running", true), "still running");
  EXPECT_EQ(describe_end("something new", false), "something new");
}

TEST(Units, NamesAreShortenedWhereTheyTellLeast) {
  EXPECT_EQ(shorten_middle("short", 10), "short");
  EXPECT_EQ(shorten_middle("abcdefghijklmnop", 9), "abc...nop");
  EXPECT_EQ(shorten_middle("abcdef", 2), "ab");
  EXPECT_EQ(shorten_front("/usr/src/app/main.cpp", 12), ".../main.cpp");
  EXPECT_EQ(shorten_middle("äöüäöüäöüäöü", 9), "äöü...äöü");
}

TEST(Units, CppNamesLoseWhatSaysNothing) {
  EXPECT_EQ(
      simplify_function("f(std::__cxx11::basic_string<char, std::char_traits<char>, "
                        "std::allocator<char> > const&)"),
      "f(std::string const&)");
  EXPECT_EQ(simplify_function("std::vector<int, std::allocator<int> >::push_back(int&&)"),
            "std::vector<int>::push_back(int&&)");
  EXPECT_EQ(simplify_function(
                "g(std::map<int, std::vector<char, std::allocator<char> >, "
                "std::less<int>, std::allocator<std::pair<int const, std::vector<char, "
                "std::allocator<char> > > > >&)"),
            "g(std::map<int, std::vector<char>>&)");
  EXPECT_EQ(simplify_function("operator<(A, B)"), "operator<(A, B)");
  EXPECT_EQ(simplify_function("broken, std::allocator<"), "broken");
}

TEST(Units, ControlCharactersAreHarmless) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a?[31mb?c");
}

TEST(Units, TimesTellNeighboursApart) {
  EXPECT_EQ(format_time(0), "0 ns");
  EXPECT_EQ(format_time(999), "999 ns");
  EXPECT_EQ(format_time(1'500), "1.500 us");
  EXPECT_EQ(format_time(6'721'000), "6.721 ms");
  EXPECT_EQ(format_time(2'220'301'000), "2.220301 s");
}

}  // namespace
}  // namespace memoir

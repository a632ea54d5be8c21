#include "symbolize/demangle.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(Demangle, TurnsLinkerNamesIntoThoseOfTheSource) {
  EXPECT_EQ(demangle("_Znwm"), "operator new(unsigned long)");
  EXPECT_EQ(demangle("_ZN3app5Queue4pushEi"), "app::Queue::push(int)");
  EXPECT_EQ(demangle("_ZNSt6vectorIiSaIiEE9push_backERKi"),
            "std::vector<int, std::allocator<int> >::push_back(int const&)");
  EXPECT_EQ(demangle("_ZZ4mainENKUlvE_clEv"), "main::{lambda()#1}::operator()() const");
}

TEST(Demangle, LeavesWhatIsNoFunctionOfCppAsItIs) {
  // Among them types: "i" and "f" are those of int and float, and functions of C.
  for (const char* name : {"", "main", "i", "f", "Pc", "_start", "_Z", "_Zq", "__Z"}) {
    EXPECT_EQ(demangle(name), name);
  }
}

TEST(Demangle, LeavesWhatOnlyBeginsLikeAMangledName) {
  for (const char* name : {"_ZN3app5Que", "_ZN999app", "_Z3foov.cold.part", "_ZNSt"}) {
    const std::string text = demangle(name);
    EXPECT_TRUE(text == name || text.starts_with("foo()")) << text;
  }
}

TEST(Demangle, ReadsNoFurtherThanTheName) {
  const std::string_view longer = "_ZN3app5Queue4pushEi_and_more";
  EXPECT_EQ(demangle(longer.substr(0, 20)), "app::Queue::push(int)");
}

// A symbol table may hold anything.
TEST(Demangle, SurvivesNamesOfNonsense) {
  EXPECT_EQ(demangle("_Z\x01\xff\x80"), "_Z\x01\xff\x80");
  EXPECT_EQ(demangle("_Z1f" + std::string(100, 'P') + "i"),
            "f(int" + std::string(100, '*') + ")");
  for (const char letter : {'P', 'N', 'I', 'L', 'X', 'F', 'S', 'T'}) {
    const std::string deep = "_Z1f" + std::string(1'000'000, letter) + "i";
    EXPECT_EQ(demangle(deep), deep);
  }
  const std::string open = "_ZN" + std::string(100'000, '1');
  EXPECT_EQ(demangle(open), open);
  // A zero byte ends the name for the demangler, and must not end it for us.
  const std::string zero("_Zx\0y", 5);
  EXPECT_EQ(demangle(zero), zero);
}

}  // namespace
}  // namespace memoir

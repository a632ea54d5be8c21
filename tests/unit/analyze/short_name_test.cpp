#include "analyze/short_name.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "analyze/units.h"

namespace memoir {
namespace {

constexpr const char* kEmplace =
    "std::pair<std::__1::__map_iterator<int>, bool> "
    "std::__cxx11::map<std::__cxx11::basic_"
    "string<char, std::char_traits<char>, std::allocator<char> >, std::vector<int, std::"
    "allocator<int> >, std::less<std::__cxx11::basic_string<char, "
    "std::char_traits<char>, "
    "std::allocator<char> > > >::emplace<char const*&>(char const*&)";

TEST(ShortName, LeavesOutWhatSaysNothing) {
  EXPECT_EQ(
      plain_name("std::__1::vector<int, std::__1::allocator<int> >::push_back(int&&)"),
      "std::vector<int>::push_back(int&&)");
  EXPECT_EQ(plain_name("std::__cxx11::basic_string<char, std::char_traits<char>, "
                       "std::allocator<char> >::append(char const*)"),
            "std::string::append(char const*)");
  EXPECT_EQ(plain_name("name[abi:cxx11](int) [clone .isra.0] [clone .cold]"),
            "name(int)");
  EXPECT_EQ(
      plain_name("main::{lambda(int, std::function<void (int)>)#1}::operator()(int, "
                 "std::function<void (int)>) const"),
      "main::{lambda}::operator()(int, std::function<void (int)>) const");
  EXPECT_EQ(plain_name("run()::{lambda()#2}::operator()() const"),
            "run()::{lambda#2}::operator()() const");
  EXPECT_EQ(plain_name("ns::(anonymous namespace)::f()"), "ns::f()");
  EXPECT_EQ(plain_name("std::__detail"), "std::__detail");
}

TEST(ShortName, GivesUpTheLeastFirst) {
  const std::string long_one = plain_name(kEmplace);
  EXPECT_EQ(short_name(kEmplace, 1000), long_one);
  EXPECT_EQ(short_name(kEmplace, 75),
            "std::map<std::string, std::vector<int>>::emplace<char const*&>(...)");
  EXPECT_EQ(short_name(kEmplace, 40), "std::map<...>::emplace<...>(...)");
  EXPECT_EQ(short_name(kEmplace, 30), "map<...>::emplace<...>(...)");
  EXPECT_EQ(short_name(kEmplace, 20), "emplace<...>(...)");
  EXPECT_EQ(short_name(kEmplace, 10), "emplace");
  EXPECT_EQ(short_name(kEmplace, 4), "empl");
  EXPECT_EQ(short_name("clang::ParseTopLevelDecl(Parser&) const", 12), "Parse...Decl");
  EXPECT_EQ(short_name("clang::ParseTopLevelDecl(Parser&) const", 6), "ParseT");
  EXPECT_EQ(short_name("a::b::c::method(std::vector<int, std::allocator<int> >)", 24),
            "a::b::c::method(...)");
}

TEST(ShortName, ReportsKeepTheNameBeforeItsArguments) {
  const char* name =
      "ns::Table<int, char>::insert(ns::Key<int> const&, unsigned long) const";
  EXPECT_EQ(short_name(name, 100), name);
  EXPECT_EQ(short_name(name, 50), "ns::Table<int, char>::insert(...) const");
  EXPECT_EQ(short_name(name, 35), "ns::Table<...>::insert(...) const");
  EXPECT_EQ(short_name("f()", 3), "f()");
  EXPECT_EQ(short_name("a::operator()(int, long) const", 24), "a::operator()(...) const");
  EXPECT_EQ(short_name("a::operator<(some_type, some_other)", 20), "a::operator<(...)");
}

TEST(ShortName, KnowsOperators) {
  EXPECT_EQ(short_name("std::ostream& operator<< <char>(std::ostream&, char const*)", 30),
            "operator<< <char>(...)");
  EXPECT_EQ(short_name("ns::shared<int>::operator->() const", 24), "operator->() const");
  EXPECT_EQ(short_name("ns::shared<std::pair<long, long>>::operator->() const", 36),
            "ns::shared<...>::operator->() const");
  EXPECT_EQ(short_name("ns::functor::operator()(int, long, char) const", 34),
            "ns::functor::operator()(...) const");
  EXPECT_EQ(short_name("operator new(unsigned long)", 20), "operator new(...)");
  EXPECT_EQ(short_name("ns::thing::operator bool() const", 32),
            "ns::thing::operator bool() const");
  EXPECT_EQ(short_name("bool operator> <int>(int, int)", 22), "operator> <int>(...)");
}

TEST(ShortName, TakesWhatIsNoCpp) {
  EXPECT_EQ(short_name("libfoo.so.1+0x1234", 40), "libfoo.so.1+0x1234");
  EXPECT_EQ(short_name("<alloc::vec::Vec<T> as core::ops::Drop>::drop", 100),
            "<alloc::vec::Vec<T> as core::ops::Drop>::drop");
  EXPECT_EQ(short_name("", 5), "");
  EXPECT_EQ(short_name("abc", 0), "");
}

TEST(ShortName, FitsAlwaysAndEndsSoon) {
  std::mt19937 random(9);
  const char* const pieces[] = {
      "<",        ">",    "(", ")", "::",     "operator", "std::__1::", "é",
      "{lambda(", ")#1}", " ", "a", "vector", "[clone ",  "]"};
  for (int i = 0; i < 20'000; ++i) {
    std::string name;
    for (std::size_t k = random() % 20; k > 0; --k) name += pieces[random() % 14];
    const std::size_t width = random() % 40;
    EXPECT_LE(display_width(short_name(name, width)), width) << name;
  }
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += "a<(";
  EXPECT_LE(display_width(short_name(deep, 30)), 30U);
  std::string closed(2'000, '<');
  closed += std::string(2'000, '>');
  EXPECT_LE(display_width(short_name("f" + closed, 30)), 30U);
}

}  // namespace
}  // namespace memoir

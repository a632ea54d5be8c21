#pragma once

// What a piece of a program allocates, it frees: for tests, of GoogleTest or without.
//
//   #include <gtest/gtest.h>
//   #include <memoir/expect_no_leaks.h>
//
//   TEST(Parser, FreesWhatItMakes) {
//     auto scope = memoir::expect_no_leaks();
//     Parser parser;
//     parser.parse("...");
//   }
//
// All blocks that the process, on any thread, allocated inside the scope and that are
// still live at its end are reported, by call site, with functions and lines. Where
// <gtest/gtest.h> was included before this header, they make the test fail; elsewhere
// they are printed, and what follows is chosen: expect_no_leaks(memoir::OnLeak::kThrow).
//
// Needs the runtime, in check or guard mode: run by `memoir run`, or linked with
// memoir::runtime. Where it is absent nothing can be judged, and that is said: the test
// of GoogleTest is skipped, once it has run without a failure.
//
// Declare the scope first: objects that are declared after it are destroyed before it
// ends. Not judged: a scope in which a test of GoogleTest failed, since what it says is
// kept. Not counted: what the loader and stdio keep for themselves. What is made once and
// kept, such as a cache, is a leak of the first scope: fill it before, or name a function
// that is on the way to it: scope.ignore("fill_cache").
//
// Complexity: O(1) to begin; the end looks at all live blocks.
// Thread safety: a scope belongs to one thread; scopes may overlap, each counts for
// itself. Not in signal handlers.
// Errors: kThrow throws LeaksFound, from the destructor, unless an exception is on its
// way already.
// Design: Memoir's own.

#if __cplusplus < 202002L
#error "memoir/expect_no_leaks.h needs C++20"
#endif

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "memoir/detail/live_since.h"
#include "memoir/detail/stack_names.h"

namespace memoir {

struct LeakedFrame {
  std::string function;  // or module+0xoffset
  std::string location;  // "/path/of/file.cpp:12", "" where it is not known
};

// Blocks that one call stack allocated.
struct LeakSite {
  std::size_t blocks = 0;
  std::size_t bytes = 0;
  std::vector<LeakedFrame> stack = {};  // innermost first
};

struct LeakReport {
  bool is_judged = false;  // otherwise nothing else is known
  std::size_t blocks = 0;
  std::size_t bytes = 0;
  std::vector<LeakSite> sites = {};  // most bytes first

  // Several lines, the last one without an end.
  std::string text() const {
    if (!is_judged) return "leaks are not judged: the program runs without Memoir's heap";
    std::string text = count(blocks, bytes) + " allocated here and still live";
    std::size_t shown = 0;
    for (const LeakSite& site : sites) {
      if (++shown > kMostSites) {
        text += "\n  and " + std::to_string(sites.size() - kMostSites) + " more places";
        break;
      }
      text += "\n  " + count(site.blocks, site.bytes);
      std::size_t depth = 0;
      for (const LeakedFrame& frame : site.stack) {
        if (depth == kMostFrames) break;
        text += "\n    #" + std::to_string(depth++) + "  " + frame.function;
        if (!frame.location.empty()) text += "  " + frame.location;
      }
    }
    return text;
  }

 private:
  static constexpr std::size_t kMostSites = 10;
  static constexpr std::size_t kMostFrames = 16;

  static std::string count(std::size_t blocks, std::size_t bytes) {
    return std::to_string(blocks) + (blocks == 1 ? " block, " : " blocks, ") +
           std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  }
};

class LeaksFound : public std::runtime_error {
 public:
  explicit LeaksFound(const std::string& text) : std::runtime_error(text) {}
};

// Where a scope begins.
struct LeakPlace {
  const char* file = "";
  int line = 0;

  static constexpr LeakPlace current(const char* file = __builtin_FILE(),
                                     int line = __builtin_LINE()) {
    return {file, line};
  }
};

// What follows a report on standard error.
enum class OnLeak { kPrint, kThrow, kAbort };

// The scope itself, which only looks: for other test frameworks.
class LeakScope {
 public:
  LeakScope() = default;
  LeakScope(const LeakScope&) = delete;
  LeakScope& operator=(const LeakScope&) = delete;

  // Blocks that were made below a function whose name contains this are not counted. The
  // text outlives the scope; up to eight of them.
  void ignore(const char* function) {
    for (const char*& ignored : ignored_) {
      if (ignored != nullptr) continue;
      ignored = function;
      return;
    }
  }

  // What was allocated since it began and is live now.
  LeakReport look() const {
    LeakReport report;
    detail::LiveBlocks blocks;
    report.is_judged = begin_.is_known() && blocks.read_since(begin_);
    if (!report.is_judged || blocks.size() == 0) return report;
    const detail::StackNames names(blocks);
    for (const detail::NamedStack& stack : names.stacks()) {
      if (is_ignored(stack)) continue;
      LeakSite site{stack.blocks, stack.bytes, {}};
      for (const auto& [function, location] : stack.frames) {
        // What called the test says nothing.
        const bool is_framework =
            function.find("testing::internal::") != std::string::npos;
        if (is_framework && !site.stack.empty()) break;
        site.stack.push_back({function, location});
        if (function == "main" || function == "start_thread") break;
      }
      report.blocks += site.blocks;
      report.bytes += site.bytes;
      report.sites.push_back(std::move(site));
    }
    return report;
  }

 private:
  bool is_ignored(const detail::NamedStack& stack) const {
    for (const char* name : ignored_) {
      if (name == nullptr) break;
      for (const auto& [function, location] : stack.frames) {
        if (function.find(name) != std::string::npos) return true;
      }
    }
    return false;
  }

  std::array<const char*, 8> ignored_ = {};
  detail::LiveNumbers begin_ = {};
};

// A scope that says what it found when it ends.
class PrintingLeakScope : public LeakScope {
 public:
  explicit PrintingLeakScope(OnLeak then, LeakPlace where)
      : then_(then), where_(where), exceptions_(std::uncaught_exceptions()) {}

  ~PrintingLeakScope() noexcept(false) {
    const LeakReport report = look();
    if (report.is_judged && report.blocks == 0) return;
    const std::string text = std::string(where_.file) + ":" +
                             std::to_string(where_.line) + ": " + report.text();
    std::fprintf(stderr, "%s\n", text.c_str());
    if (!report.is_judged) return;
    if (then_ == OnLeak::kAbort) std::abort();
    if (then_ == OnLeak::kThrow && std::uncaught_exceptions() == exceptions_) {
      throw LeaksFound(text);
    }
  }

 private:
  OnLeak then_;
  LeakPlace where_;
  int exceptions_;
};

[[nodiscard]] inline PrintingLeakScope expect_no_leaks(
    OnLeak then, LeakPlace where = LeakPlace::current()) {
  return PrintingLeakScope(then, where);
}

}  // namespace memoir

#ifdef GTEST_TEST
#include "memoir/detail/gtest_leak_scope.h"
#else
namespace memoir {
inline namespace without_gtest {

[[nodiscard]] inline PrintingLeakScope expect_no_leaks(
    LeakPlace where = LeakPlace::current()) {
  return PrintingLeakScope(OnLeak::kPrint, where);
}

}  // namespace without_gtest
}  // namespace memoir
#endif

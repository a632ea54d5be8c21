#include "symbolize/symbolizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/symbolize/compiled_fixture.h"

namespace memoir {
namespace {

using testing::StartsWith;

// note() prints where it was called from, relative to the file. Line numbers matter.
constexpr const char* kSymbolized = R"source(
#include <cstdio>
#include <vector>
extern "C" char __executable_start[];
[[gnu::noinline]] void note(const char* name) {
  char* at = static_cast<char*>(__builtin_return_address(0));
  std::printf("%s %lx\n", name, static_cast<unsigned long>(at - __executable_start));
}
namespace app {
struct Maker {
  [[gnu::noinline]] int plain(int n) {
    note("plain");  // line 12
    return n + 1;
  }
};
[[gnu::always_inline]] inline int innermost(int n) {
  note("inlined");  // line 17
  return n * 2;
}
[[gnu::always_inline]] inline int middle(int n) {
  return innermost(n) + 1;  // line 21
}
[[gnu::noinline]] int outer(int n) {
  return middle(n) + n;  // line 24
}
}  // namespace app
namespace std {
[[gnu::always_inline]] inline int pretend(int n) {
  note("in_std");
  return n;
}
}  // namespace std
[[gnu::noinline]] int user(int n) { return std::pretend(n) + 1; }
static int hidden(int n) {
  note("hidden");
  return n + 3;
}
int (*volatile call_hidden)(int) = hidden;
int main() {
  app::Maker maker;
  return maker.plain(1) + app::outer(2) + user(4) + call_hidden(5) > 1000;
}
)source";

// -static-pie and friends aside, a fixture's addresses count from its first byte, as the
// file's virtual addresses do.
constexpr const char* kPie = " -fPIE -pie";

void expect_frames(const CompiledFixture& fixture, const std::string& optimization) {
  SCOPED_TRACE(optimization);
  auto at = fixture.addresses();
  Symbolizer symbolizer(fixture.program(), fixture.build_id());
  ASSERT_TRUE(symbolizer.has_file());

  const auto plain = symbolizer.lookup(at["plain"]);
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_EQ(plain[0].function, "app::Maker::plain(int)");
  EXPECT_EQ(plain[0].file, fixture.source_path());
  EXPECT_EQ(plain[0].line, 12);
  EXPECT_FALSE(plain[0].inlined);

  const auto inlined = symbolizer.lookup(at["inlined"]);
  ASSERT_EQ(inlined.size(), 3U);
  EXPECT_EQ(inlined[0].function, "app::innermost(int)");
  EXPECT_EQ(inlined[0].line, 17);
  EXPECT_TRUE(inlined[0].inlined);
  EXPECT_EQ(inlined[1].function, "app::middle(int)");
  EXPECT_EQ(inlined[1].line, 21);
  EXPECT_TRUE(inlined[1].inlined);
  EXPECT_EQ(inlined[2].function, "app::outer(int)");
  EXPECT_EQ(inlined[2].line, 24);
  EXPECT_EQ(inlined[2].file, fixture.source_path());
  EXPECT_FALSE(inlined[2].inlined);

  const auto in_std = symbolizer.lookup(at["in_std"]);
  ASSERT_EQ(in_std.size(), 2U);
  EXPECT_EQ(in_std[0].role, FrameRole::kAllocator);
  EXPECT_EQ(in_std[1].function, "user(int)");
  EXPECT_EQ(in_std[1].role, FrameRole::kProgram);
}

TEST(Symbolizer, NamesFunctionsLinesAndInlinedCallers) {
  for (const std::string flags : {"-O0 -g", "-O2 -g", "-O2 -gdwarf-4", "-O1 -g -gz"}) {
    expect_frames(CompiledFixture(kSymbolized, flags + kPie), flags);
  }
}

// Compilers leave out the linkage names of functions that no other file can call.
TEST(Symbolizer, NamesFunctionsWithInternalLinkageInFull) {
  constexpr const char* kInternal = R"source(
#include <cstdio>
extern "C" char __executable_start[];
[[gnu::noinline]] void note(const char* name) {
  char* at = static_cast<char*>(__builtin_return_address(0));
  std::printf("%s %lx\n", name, static_cast<unsigned long>(at - __executable_start));
}
namespace app {
namespace {
struct Queue {
  [[gnu::noinline]] void push(int n) { note("pushed"); last = n; }
  int last = 0;
};
[[gnu::always_inline]] inline void inner() { note("inner"); }
}  // namespace
}  // namespace app
int main() {
  app::Queue queue;
  queue.push(1);
  app::inner();
  return queue.last - 1;
}
)source";
  const CompiledFixture fixture(kInternal, "-O1 -g" + std::string(kPie));
  auto at = fixture.addresses();
  Symbolizer symbolizer(fixture.program(), fixture.build_id());
  EXPECT_THAT(symbolizer.lookup(at["pushed"])[0].function,
              StartsWith("app::(anonymous namespace)::Queue::push"));
  EXPECT_THAT(symbolizer.lookup(at["inner"])[0].function,
              StartsWith("app::(anonymous namespace)::inner"));
}

TEST(Symbolizer, UnderstandsClang) {
  if (std::system("command -v clang++ >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no clang++";
  const CompiledFixture fixture(kSymbolized, "-O2 -g" + std::string(kPie));
  CompiledFixture::run("clang++ -std=c++20 -O2 -g -fPIE -pie -Wl,--build-id -o " +
                       fixture.program() + " " + fixture.source_path());
  expect_frames(fixture, "clang");
}

TEST(Symbolizer, FindsADebugFileApart) {
  const CompiledFixture fixture(kSymbolized, "-O2 -g" + std::string(kPie));
  CompiledFixture::run(
      "cd " + fixture.folder().string() +
      " && objcopy --only-keep-debug fixture fixture.debug"
      " && objcopy --strip-all --add-gnu-debuglink=fixture.debug fixture");
  expect_frames(fixture, "separate");
}

TEST(Symbolizer, UsesTheSymbolTableWithoutDebugInformation) {
  const CompiledFixture fixture(kSymbolized, "-O1" + std::string(kPie));
  auto at = fixture.addresses();
  Symbolizer symbolizer(fixture.program(), fixture.build_id());
  const auto plain = symbolizer.lookup(at["plain"]);
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_EQ(plain[0].function, "app::Maker::plain(int)");
  EXPECT_EQ(plain[0].file, "");
  EXPECT_EQ(plain[0].line, 0);
}

TEST(Symbolizer, SaysModuleAndOffsetForStrippedFiles) {
  const CompiledFixture fixture(kSymbolized, "-O1 -rdynamic" + std::string(kPie));
  CompiledFixture::run("strip " + fixture.program());
  auto at = fixture.addresses();
  Symbolizer symbolizer(fixture.program(), fixture.build_id());
  EXPECT_EQ(symbolizer.lookup(at["plain"])[0].function, "app::Maker::plain(int)");
  char expected[64];
  std::snprintf(expected, sizeof expected, "fixture+0x%llx",
                static_cast<unsigned long long>(at["hidden"]));
  EXPECT_EQ(symbolizer.lookup(at["hidden"])[0].function, expected);
}

TEST(Symbolizer, DoesNotTrustAnotherBuild) {
  const CompiledFixture fixture(kSymbolized, "-O0 -g" + std::string(kPie));
  auto at = fixture.addresses();
  Symbolizer symbolizer(fixture.program(), "0123456789abcdef0123456789abcdef01234567");
  EXPECT_FALSE(symbolizer.has_file());
  EXPECT_THAT(symbolizer.lookup(at["plain"])[0].function, StartsWith("fixture+0x"));
}

TEST(Symbolizer, SurvivesFilesThatAreNotThere) {
  EXPECT_EQ(Symbolizer("/no/such/libx.so.1", "").lookup(0x1234)[0].function,
            "libx.so.1+0x1234");
  EXPECT_EQ(Symbolizer("linux-vdso.so.1", "").lookup(0x6f0)[0].function,
            "linux-vdso.so.1+0x6f0");
  EXPECT_EQ(Symbolizer("", "").lookup(0)[0].function, "+0x0");
  const ScratchFile text("not_elf.so");
  std::ofstream(text.path()) << "plain text";
  EXPECT_EQ(Symbolizer(text.path().string(), "").lookup(0x10)[0].function,
            "not_elf.so+0x10");
}

TEST(Symbolizer, SurvivesAddressesOutsideTheFile) {
  const CompiledFixture fixture(kSymbolized, "-O2 -g" + std::string(kPie));
  Symbolizer symbolizer(fixture.program(), "");
  EXPECT_EQ(symbolizer.lookup(0)[0].function, "fixture+0x0");
  EXPECT_EQ(symbolizer.lookup(~std::uint64_t{0})[0].function,
            "fixture+0xffffffffffffffff");
}

// Whatever the bytes say, there is an answer for every address.
TEST(Symbolizer, SurvivesDamagedDebugInformation) {
  for (const std::string section : {".debug_info", ".debug_abbrev"}) {
    SCOPED_TRACE(section);
    const CompiledFixture fixture(kSymbolized, "-O2 -g" + std::string(kPie));
    auto at = fixture.addresses();
    const std::string bytes = (fixture.folder() / "bytes").string();
    const std::string program = fixture.program();
    CompiledFixture::run("objcopy -O binary --only-section=" + section +
                         " --set-section-flags " + section + "=alloc " + program + " " +
                         bytes + " 2>/dev/null");
    std::ifstream file(bytes, std::ios::binary);
    const std::string good(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(good.size(), 100U);
    std::uint32_t seed = 1;
    for (int round = 0; round < 20; ++round) {
      std::string bad = good;
      for (int i = 0; i < 8; ++i) {
        seed = seed * 1664525 + 1013904223;
        bad[16 + (seed >> 8) % (bad.size() - 16)] = static_cast<char>(seed >> 24);
      }
      const std::string damaged = program + ".bad";
      std::ofstream(bytes, std::ios::binary) << bad;
      CompiledFixture::run("objcopy --update-section " + section + "=" + bytes + " " +
                           program + " " + damaged + " 2>/dev/null");
      Symbolizer symbolizer(damaged, "");
      for (const auto& [name, address] : at) {
        const auto frames = symbolizer.lookup(address);
        ASSERT_FALSE(frames.empty());
        EXPECT_FALSE(frames.back().function.empty());
      }
    }
  }
}

}  // namespace
}  // namespace memoir

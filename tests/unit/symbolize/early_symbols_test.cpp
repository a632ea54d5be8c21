#include "symbolize/early_symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "symbolize/symbolize_trace.h"
#include "trace/database.h"
#include "trace/trace_writer.h"
#include "unit/symbolize/compiled_fixture.h"

namespace memoir {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEarlyProgram = R"source(
#include <cstdio>
extern "C" char __executable_start[];
[[gnu::noinline]] void note(const char* name) {
  char* at = static_cast<char*>(__builtin_return_address(0));
  std::printf("%s %lx\n", name, static_cast<unsigned long>(at - __executable_start));
}
[[gnu::noinline]] int leaky(int n) { note("leaky"); return n + 1; }
int main() {
  note("main");
  return leaky(4) > 1000;
}
)source";

// What one EarlySymbols said, by frame.
class Heard {
 public:
  void add(const EarlyNames& names) {
    texts_.insert(texts_.end(), names.texts.begin(), names.texts.end());
    for (const EarlyLine& line : names.lines) {
      EXPECT_EQ(line.depth, static_cast<int>(frames_[line.frame.value].size()));
      frames_[line.frame.value].push_back({texts_.at(line.function), texts_.at(line.file),
                                           line.line, line.inlined, line.role});
    }
  }
  std::vector<LogicalFrame> frame(std::uint32_t id) { return frames_[id]; }
  std::size_t frames() const { return frames_.size(); }

 private:
  std::vector<std::string> texts_;
  std::map<std::uint32_t, std::vector<LogicalFrame>> frames_;
};

class EarlySymbolsTest : public testing::Test {
 protected:
  EarlySymbolsTest()
      : fixture_(kEarlyProgram, "-O1 -g -fPIE -pie"), at_(fixture_.addresses()) {}

  void hear(EarlySymbols& early, std::uint32_t module, const std::string& path,
            const std::string& build_id) {
    early.new_module({module}, path, build_id);
  }
  // Everything said so far is answered or left out.
  EarlyNames answers(EarlySymbols& early) {
    early.pause();
    early.wait_until_idle();
    return early.take();
  }

  const CompiledFixture fixture_;
  std::map<std::string, std::uint64_t> at_;
};

TEST_F(EarlySymbolsTest, SaysWhatASymbolizerSays) {
  EarlySymbols early;
  hear(early, 1, fixture_.program(), fixture_.build_id());
  early.new_frame({1}, {1}, at_["main"]);
  early.new_frame({2}, {1}, at_["leaky"]);
  Heard heard;
  heard.add(answers(early));
  early.stop();
  Symbolizer symbolizer(fixture_.program(), fixture_.build_id());
  EXPECT_EQ(heard.frame(1), symbolizer.lookup(at_["main"]));
  EXPECT_EQ(heard.frame(2), symbolizer.lookup(at_["leaky"]));
  EXPECT_EQ(heard.frame(1).at(0).function, "main");
}

TEST_F(EarlySymbolsTest, AnswersWhileMoreIsHeard) {
  constexpr std::uint32_t kFrames = 20'000;
  EarlySymbols early;
  hear(early, 1, fixture_.program(), fixture_.build_id());
  Heard heard;
  for (std::uint32_t i = 1; i <= kFrames; ++i) {
    early.new_frame({i}, {1}, at_["main"] + i % 64);
    if (i == kFrames / 2) hear(early, 2, "/lib/x86_64-linux-gnu/libc.so.6", "");
    if (i % 1000 == 0) heard.add(early.take());
  }
  heard.add(answers(early));
  early.stop();
  EXPECT_EQ(heard.frames(), kFrames);
  Symbolizer symbolizer(fixture_.program(), fixture_.build_id());
  for (std::uint32_t i = 1; i <= 64; ++i) {
    EXPECT_EQ(heard.frame(i), symbolizer.lookup(at_["main"] + i % 64));
    EXPECT_EQ(heard.frame(i), heard.frame(kFrames - 64 + i - kFrames % 64));
  }
}

TEST_F(EarlySymbolsTest, StopsInTheMiddle) {
  for (int round = 0; round < 20; ++round) {
    EarlySymbols early;
    hear(early, 1, fixture_.program(), fixture_.build_id());
    for (std::uint32_t i = 1; i <= 5000; ++i) early.new_frame({i}, {1}, 0x1000 + i);
    early.stop();
    Heard heard;
    heard.add(early.take());
    EXPECT_LE(heard.frames(), 5000U);
    early.new_frame({5001}, {1}, at_["main"]);
    early.pause();
    EXPECT_TRUE(early.take().lines.empty());
  }
}

TEST_F(EarlySymbolsTest, LeavesOutWhatIsNotThere) {
  EarlySymbols early;
  hear(early, 1, "/nowhere/libgone.so", "abcd");
  hear(early, 2, "[stack not walked: in a signal handler]", "");
  hear(early, 3, fixture_.program(), "0123456789abcdef");
  hear(early, 4, fixture_.program(), fixture_.build_id());
  for (std::uint32_t i = 1; i <= 4; ++i) early.new_frame({i}, {i}, at_["main"]);
  early.new_frame({5}, {77}, at_["main"]);
  Heard heard;
  heard.add(answers(early));
  EXPECT_EQ(heard.frames(), 1U);
  EXPECT_EQ(heard.frame(4).at(0).function, "main");
  early.stop();
  EXPECT_EQ(early.take_symbolizer({1}), nullptr);
  EXPECT_EQ(early.take_symbolizer({3}), nullptr);
  ASSERT_NE(early.take_symbolizer({4}), nullptr);
}

TEST_F(EarlySymbolsTest, GoesOnWithAFileThatWasReplaced) {
  EarlySymbols early;
  hear(early, 1, fixture_.program(), fixture_.build_id());
  early.new_frame({1}, {1}, at_["main"]);
  Heard heard;
  heard.add(answers(early));
  fs::remove(fixture_.program());
  std::ofstream(fixture_.program()) << "something else";
  early.new_frame({2}, {1}, at_["leaky"]);
  heard.add(answers(early));
  EXPECT_EQ(heard.frame(2).at(0).function, "leaky(int)");
}

TEST_F(EarlySymbolsTest, AsksNothingOfAFileThatWasWrittenTo) {
  EarlySymbols early;
  hear(early, 1, fixture_.program(), fixture_.build_id());
  early.new_frame({1}, {1}, at_["main"]);
  Heard heard;
  heard.add(answers(early));
  fs::resize_file(fixture_.program(), 100);  // what is mapped beyond is gone
  early.new_frame({2}, {1}, at_["leaky"]);
  heard.add(answers(early));
  early.stop();
  EXPECT_EQ(heard.frames(), 1U);
  EXPECT_EQ(early.take_symbolizer({1}), nullptr);
}

TEST_F(EarlySymbolsTest, TakesNoSignals) {
  EarlySymbols early;
  hear(early, 1, fixture_.program(), "");
  early.new_frame({1}, {1}, at_["main"]);
  answers(early);
  std::string blocked;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name != "memoir-symbols") continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigBlk:")) blocked = line.substr(line.find_last_of('\t') + 1);
    }
  }
  ASSERT_FALSE(blocked.empty());
  constexpr std::uint64_t kTerminate = 1 << 14, kInterrupt = 1 << 1, kChild = 1 << 16;
  const std::uint64_t mask = std::stoull(blocked, nullptr, 16);
  EXPECT_EQ(mask & (kTerminate | kInterrupt | kChild), kTerminate | kInterrupt | kChild);
}

TEST_F(EarlySymbolsTest, AsksNoServer) {
  setenv("DEBUGINFOD_URLS", "http://127.0.0.1:1/", 1);
  const EarlySymbols early;
  EXPECT_EQ(std::getenv("DEBUGINFOD_URLS"), nullptr);
}

// Where sites are when the program ends: in the file, or in memory alone.
enum Sites { kWrite, kKeepSome, kKeepAll };

// A trace made with early symbols, or without them, of the same addresses.
std::string names_in_trace(const CompiledFixture& fixture, std::uint64_t first,
                           bool early_symbols, bool wait, Sites sites = kWrite) {
  const ScratchFile file;
  TraceWriter writer(file.path(), true);
  EarlySymbols early;
  if (early_symbols) writer.set_listener(&early);
  writer.begin();
  const ModuleId app = writer.intern_module(fixture.program(), fixture.build_id());
  const ModuleId gone = writer.intern_module("/nowhere/libgone.so", "");
  TraceStackId stack;
  for (std::uint64_t i = 0; i < 100; ++i) {
    stack = writer.intern_stack(stack, writer.intern_frame(app, first + i));
    if (i % 10 == 0) writer.intern_frame(gone, 0x1000 + i);
    writer.intern_frame({}, 0x7f0000 + i);
    SiteRow site{.process = {1}, .stack = stack};
    site.id = writer.put_site(site);
    site.allocations = i;
    if (sites == kKeepAll || (sites == kKeepSome && i % 2 == 0)) {
      writer.keep_site(site);
    } else {
      writer.put_site(site);
    }
  }
  if (sites == kWrite) writer.commit();
  if (wait) early.wait_until_idle();
  early_symbols ? symbolize_trace(writer, early) : symbolize_trace(writer.database());
  EXPECT_FALSE(needs_symbols(writer.database()));
  std::string text;
  Statement rows = writer.database().prepare(
      "SELECT l.frame || ' ' || l.depth || ' ' || f.s || ' ' || coalesce(p.s, '') || ' '"
      " || coalesce(l.line, '') || ' ' || l.inlined || ' ' || l.skip FROM frame_line l"
      " JOIN string f ON f.id = l.function LEFT JOIN string p ON p.id = l.file"
      " ORDER BY l.frame, l.depth");
  while (rows.step()) text += std::string(rows.text(0)) + "\n";
  Statement places =
      writer.database().prepare("SELECT stack || '>' || frame FROM attribution");
  while (places.step()) text += std::string(places.text(0)) + "\n";
  writer.finish();
  Statement sites_left = writer.database().prepare(
      "SELECT stack || ':' || allocations FROM site ORDER BY 1");
  while (sites_left.step()) text += std::string(sites_left.text(0)) + "\n";
  EXPECT_EQ(writer.database().query_integer("SELECT count(*) FROM site_row"), 0);
  return text;
}

TEST_F(EarlySymbolsTest, MakesTheTraceThatWouldBeMadeWithoutIt) {
  const std::uint64_t first = at_["leaky"] - 16;
  const std::string expected = names_in_trace(fixture_, first, false, false);
  EXPECT_THAT(expected, testing::HasSubstr(" leaky(int) "));
  EXPECT_EQ(names_in_trace(fixture_, first, true, true), expected);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(names_in_trace(fixture_, first, true, false), expected);
  }
  EXPECT_EQ(names_in_trace(fixture_, first, true, false, kKeepSome), expected);
  EXPECT_EQ(names_in_trace(fixture_, first, true, false, kKeepAll), expected);
}

}  // namespace
}  // namespace memoir

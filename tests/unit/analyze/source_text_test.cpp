#include "analyze/source_text.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <utime.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "analyze/kept_sources.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "trace/error.h"

namespace memoir {
namespace {

TEST(SourcePaths, AreSubstitutedByWholeFolders) {
  const std::vector<SourcePathRule> rules = {{"/build/app", "/home/me/app"},
                                             {"/build/app/third_party/", "/opt/third"},
                                             {"", "/x"}};
  EXPECT_EQ(substitute_path("/build/app/main.c", rules), "/home/me/app/main.c");
  EXPECT_EQ(substitute_path("/build/application/main.c", rules),
            "/build/application/main.c");
  EXPECT_EQ(substitute_path("/build/app/third_party/z.c", rules), "/opt/third/z.c");
  EXPECT_EQ(substitute_path("main.c", rules), "main.c");
  EXPECT_EQ(substitute_path("/a.c", std::vector<SourcePathRule>{{"/", "/root/"}}),
            "/root/a.c");
}

class SourceTextTest : public testing::Test {
 protected:
  SourceTextTest() : trace_(file_.path()) { trace_.write(); }

  Database& database() { return trace_.writer().database(); }
  std::string put(const std::string& name, const std::string& text, std::time_t changed) {
    const std::string path = file_.folder() / name;
    std::ofstream(path, std::ios::binary) << text;
    const utimbuf times{changed, changed};
    utime(path.c_str(), &times);
    return path;
  }

  const ScratchFile file_;
  SyntheticTrace trace_;
};

TEST_F(SourceTextTest, IsFoundOnDisk) {
  const std::string path = put("a.c", "one\r\ntwo\n\nfour", 1'000);
  const std::string module = put("app", "", 2'000);
  SourceText source = find_source(database(), {path, module, 3'000});
  EXPECT_EQ(source.origin, SourceText::Origin::kDisk);
  EXPECT_EQ(source.lines, (std::vector<std::string>{"one", "two", "", "four"}));
  EXPECT_FALSE(source.may_differ());
  put("app", "", 500);
  source = find_source(database(), {path, module, 3'000});
  EXPECT_TRUE(source.newer_than_module);
  EXPECT_FALSE(source.newer_than_trace);
  EXPECT_TRUE(find_source(database(), {path, "/no/module", 999}).newer_than_trace);
  EXPECT_FALSE(find_source(database(), {path, "", std::nullopt}).may_differ());
  const std::vector<SourcePathRule> rules = {{"/far/away", file_.folder().string()}};
  source = find_source(database(), {"/far/away/a.c", "", std::nullopt}, rules);
  EXPECT_EQ(source.path, path);
  EXPECT_EQ(source.lines.size(), 4U);
}

TEST_F(SourceTextTest, SaysWhyItIsMissing) {
  const auto why = [&](const std::string& path) {
    const SourceText source = find_source(database(), {path, "", std::nullopt});
    EXPECT_EQ(source.origin, SourceText::Origin::kMissing);
    EXPECT_TRUE(source.lines.empty());
    return source.why_missing;
  };
  EXPECT_EQ(why("/no/such/file.c"), "No such file or directory");
  EXPECT_EQ(why(file_.folder()), "not a plain file");
  EXPECT_EQ(why(""), "the trace names no source file");
  const std::string pipe = file_.folder() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(why(pipe), "not a plain file");
}

TEST_F(SourceTextTest, IsThatOfTheTraceWhereItKeepsOne) {
  const std::string text = "int main() {\n}\n";
  std::vector<std::uint8_t> packed(ZSTD_compressBound(text.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  database()
      .prepare(
          "INSERT INTO source SELECT id, ? FROM string WHERE s = '/src/app/main.cpp'")
      .run(std::span<const std::uint8_t>(packed));
  const SourceRequest request{"/src/app/main.cpp", "", std::nullopt};
  const SourceText source = find_source(database(), request);
  EXPECT_EQ(source.origin, SourceText::Origin::kTrace);
  EXPECT_EQ(source.lines, (std::vector<std::string>{"int main() {", "}"}));
  EXPECT_FALSE(source.may_differ());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    std::vector<std::uint8_t> damaged = packed;
    damaged[i] ^= 0x55;
    database()
        .prepare("UPDATE source SET text = ?")
        .run(std::span<const std::uint8_t>(damaged));
    try {
      find_source(database(), request);
    } catch (const Error&) {
    }
  }
}

TEST_F(SourceTextTest, IsKeptButForWhatChangedSinceTheBuild) {
  const std::string old = put("old.c", "before\n", 1'000);
  const std::string module = put("app", "", 2'000);
  const std::string changed = put("changed.c", "after\n", 3'000);
  const std::string large = put("large.c", std::string(2'000, 'x'), 1'000);
  TraceWriter& writer = trace_.writer();
  const ModuleId id = writer.intern_module(module, "");
  std::uint64_t address = 0;
  for (const std::string& path :
       {old, changed, large, file_.folder().string() + "/none.c"}) {
    const FrameId frame = writer.intern_frame(id, ++address);
    database().prepare("INSERT INTO string(s) VALUES (?)").run(path);
    database()
        .prepare(
            "INSERT INTO frame_line SELECT ?, 0, 0, id, 1, 0, 0 FROM string "
            "WHERE s = ?")
        .run(frame.value, path);
  }
  const KeptSources kept = keep_sources(database(), 1'000);
  EXPECT_EQ(kept.files, 1U);
  EXPECT_EQ(kept.bytes, 7U);
  EXPECT_EQ(kept.newer, 1U);
  EXPECT_EQ(kept.too_many, 1U);
  EXPECT_EQ(keep_sources(database()).files, 2U);
  std::filesystem::remove(old);
  const SourceText source = find_source(database(), {old, module, std::nullopt});
  EXPECT_EQ(source.origin, SourceText::Origin::kTrace);
  EXPECT_EQ(source.lines, std::vector<std::string>{"before"});
}

TEST(RecordingTime, IsReadFromTheTrace) {
  const ScratchFile file;
  {
    SyntheticTrace trace(file.path());
    trace.write();
    trace.writer().put_meta("started_at", "2026-11-22T01:02:03Z");
    trace.writer().finish();
  }
  TraceReader reader(file.path());
  EXPECT_EQ(recording_time(reader), 1'795'309'323);
}

}  // namespace
}  // namespace memoir

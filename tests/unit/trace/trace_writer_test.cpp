#include "trace/trace_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/error.h"
#include "trace/stack_run.h"

namespace memoir {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string text(Database& database, const std::string& sql) {
  Statement statement = database.prepare(sql);
  return statement.step() ? std::string(statement.text(0)) : "(no row)";
}

TEST(TraceWriter, MakesAPrivateMarkedFile) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  struct stat status {};
  ASSERT_EQ(stat(file.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(writer.database().query_integer("PRAGMA application_id"), 0x4D454D4F);
  EXPECT_EQ(writer.database().query_integer("PRAGMA user_version"), 8);
  EXPECT_EQ(writer.database().query_integer("PRAGMA page_size"), 4096);
}

TEST(TraceWriter, OverwritesOnlyWhenTold) {
  const ScratchFile file;
  std::ofstream(file.path()) << "precious";
  EXPECT_THAT([&] { TraceWriter(file.path(), false); },
              ThrowsMessage<Error>(HasSubstr("File exists")));
  EXPECT_EQ(std::filesystem::file_size(file.path()), 8U);
  TraceWriter writer(file.path(), true);
  EXPECT_EQ(writer.database().query_integer("SELECT count(*) FROM process"), 0);
}

TEST(TraceWriter, SaysWhyItCannotWrite) {
  const ScratchFile file;
  EXPECT_THAT([&] { TraceWriter(file.folder() / "no/such/folder", false); },
              ThrowsMessage<Error>(HasSubstr("No such file or directory")));
  EXPECT_THAT([&] { TraceWriter(file.folder(), true); },
              ThrowsMessage<Error>(HasSubstr("not a regular file")));
}

TEST(TraceWriter, LeavesNothingBehindWhenItCannotBegin) {
  const ScratchFile file;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit small{20'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(TraceWriter(file.path(), false), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_TRUE(std::filesystem::is_empty(file.folder()));
}

TEST(TraceWriter, InternsTheSameThingOnce) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  writer.begin();
  const ModuleId app = writer.intern_module("/usr/bin/app", "abcd");
  EXPECT_EQ(writer.intern_module("/usr/bin/app", "abcd"), app);
  EXPECT_NE(writer.intern_module("/usr/bin/app", "ef01"), app);
  const FrameId main = writer.intern_frame(app, 0x1234);
  EXPECT_EQ(writer.intern_frame(app, 0x1234), main);
  EXPECT_NE(writer.intern_frame(ModuleId{}, 0x1234), main);
  const TraceStackId root = writer.intern_stack(TraceStackId{}, main);
  const TraceStackId leaf = writer.intern_stack(root, main);
  EXPECT_NE(leaf, root);
  EXPECT_EQ(writer.intern_stack(root, main), leaf);
  writer.commit();
  EXPECT_EQ(StackTree(writer.database()).find(leaf.value)->parent, root.value);
  EXPECT_EQ(StackTree(writer.database()).find(leaf.value)->frame, main.value);
  EXPECT_EQ(text(writer.database(), "SELECT name FROM module WHERE id=1"), "app");
}

TEST(TraceWriter, InternsManyStacks) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  writer.begin();
  TraceStackId parent{};
  for (std::uint32_t i = 1; i <= 5000; ++i) {
    parent = writer.intern_stack(parent, FrameId{i});
    EXPECT_EQ(parent.value, i);
  }
  EXPECT_EQ(writer.intern_stack(TraceStackId{4999}, FrameId{5000}).value, 5000U);
  writer.commit();
}

TEST(TraceWriter, ReplacesRowsOfTheSameKey) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  writer.begin();
  ProcessRow process{.id = {1}, .pid = 42, .command = "app"};
  writer.put_process(process);
  process.end = "exit:0";
  process.ended = 99;
  writer.put_process(process);
  SiteRow site{.process = {1}, .stack = {1}, .api = Api::kMalloc, .allocations = 1};
  site.id = writer.put_site(site);
  site.allocations = 2;
  writer.put_site(site);
  site.id = 0;
  site.api = Api::kCalloc;
  writer.put_site(site);
  writer.put_thread({.process = {1}, .thread = {1}, .tid = 42, .name = "a"});
  writer.put_thread({.process = {1}, .thread = {1}, .tid = 42, .name = "b"});
  writer.commit();
  Database& database = writer.database();
  EXPECT_EQ(text(database, "SELECT end FROM processes"), "exit:0");
  EXPECT_EQ(database.query_integer("SELECT sum(allocations) FROM sites"), 4);
  EXPECT_EQ(text(database, "SELECT group_concat(name) FROM threads"), "b");
}

TEST(TraceWriter, FiguresThatCannotBeTrueCanBeAskedFor) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  writer.begin();
  writer.put_process({.id = {1}});
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;
  for (const Api api : {Api::kMalloc, Api::kCalloc, Api::kNew}) {
    writer.put_site({.process = {1},
                     .stack = {1},
                     .api = api,
                     .allocations = 1,
                     .allocated_bytes = kHuge,
                     .live_blocks = 1,
                     .live_bytes = kHuge});
  }
  writer.commit();
  EXPECT_EQ(writer.database().query_integer("SELECT blocks FROM leaks"), 3);
  EXPECT_GT(writer.database().query_integer("SELECT bytes FROM leaks"), 1LL << 62);
}

TEST(TraceWriter, ShowsNothingBeforeCommitAndAllOfItAfter) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  Database reader(file.path(), Database::Mode::kReadWrite);
  writer.begin();
  writer.put_mark({.process = {1}, .t = 5, .name = "here"});
  EXPECT_EQ(reader.query_integer("SELECT count(*) FROM marks"), 0);
  writer.commit();
  EXPECT_EQ(reader.query_integer("SELECT count(*) FROM marks"), 1);
}

TEST(TraceWriter, LeavesOnePlainFile) {
  const ScratchFile file;
  {
    TraceWriter writer(file.path(), false);
    writer.begin();
    writer.put_meta("command", "app");
    writer.finish();
    EXPECT_EQ(
        writer.database().query_integer("SELECT value FROM meta WHERE key='complete'"),
        1);
  }
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(file.folder())) {
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST(TraceWriter, FinishesWhileSomeoneReads) {
  const ScratchFile file;
  {
    TraceWriter writer(file.path(), false);
    Database reader(file.path(), Database::Mode::kReadWrite);
    Statement open_read = reader.prepare("SELECT * FROM api");
    ASSERT_TRUE(open_read.step());
    writer.finish();
  }
  Database reader(file.path(), Database::Mode::kReadWrite);
  EXPECT_EQ(reader.query_integer("SELECT value FROM meta WHERE key='complete'"), 1);
}

}  // namespace
}  // namespace memoir

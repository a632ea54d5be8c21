#include "trace/trace_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "support/scratch_file.h"
#include "trace/error.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

// Enough rows that the file has many pages.
void put_marks(TraceWriter& writer, int count) {
  writer.begin();
  for (int i = 0; i < count; ++i) {
    writer.put_mark({.process = {1},
                     .t = static_cast<std::uint64_t>(i),
                     .name = std::string(100, 'm')});
  }
  writer.commit();
}

void write_finished(const std::filesystem::path& path) {
  TraceWriter writer(path, true);
  writer.begin();
  writer.put_meta("command", "app");
  writer.commit();
  put_marks(writer, 2000);
  writer.finish();
}

// What a killed writer leaves: its file and the log, at a moment between two commits.
void write_cut_short(const ScratchFile& file) {
  const std::filesystem::path live = file.folder() / "live.memoir";
  TraceWriter writer(live, true);
  put_marks(writer, 10);
  std::filesystem::copy_file(live, file.path());
  std::filesystem::copy_file(live.string() + "-wal", file.path().string() + "-wal");
}

void expect_refused(const std::filesystem::path& path, const std::string& why) {
  EXPECT_THAT([&] { TraceReader reader(path); },
              ThrowsMessage<Error>(
                  AllOf(HasSubstr(path.string()), HasSubstr(why), Not(HasSubstr("\n")))));
}

void patch(const std::filesystem::path& path, std::streamoff at, std::string_view bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST(TraceReader, OpensAFinishedTrace) {
  const ScratchFile file;
  write_finished(file.path());
  TraceReader reader(file.path());
  EXPECT_EQ(reader.state(), TraceState::kComplete);
  EXPECT_EQ(reader.meta("command"), "app");
  EXPECT_EQ(reader.meta("no such key"), "");
  EXPECT_EQ(reader.database().query_integer("SELECT count(*) FROM marks"), 2000);
  EXPECT_THROW(reader.database().execute("DELETE FROM mark"), Error);
}

TEST(TraceReader, OpensWhatAKilledWriterLeft) {
  const ScratchFile file;
  write_cut_short(file);
  TraceReader reader(file.path());
  EXPECT_EQ(reader.state(), TraceState::kCutShort);
  EXPECT_EQ(reader.database().query_integer("SELECT count(*) FROM marks"), 10);
  EXPECT_THROW(reader.database().execute("DELETE FROM mark"), Error);
  ASSERT_TRUE(reader.make_writable());
  reader.database().execute("DELETE FROM mark");
}

TEST(TraceReader, FollowsATraceThatGrows) {
  const ScratchFile file;
  TraceWriter writer(file.path(), false);
  put_marks(writer, 1);
  TraceReader reader(file.path());
  EXPECT_EQ(reader.state(), TraceState::kGrowing);
  EXPECT_FALSE(reader.make_writable());
  put_marks(writer, 2);
  EXPECT_EQ(reader.database().query_integer("SELECT count(*) FROM marks"), 3);
}

TEST(TraceReader, RefusesWhatIsNoTrace) {
  const ScratchFile file;
  expect_refused(file.folder() / "missing.memoir", "no such file");
  expect_refused(file.folder(), "is a directory");
  expect_refused("/dev/null", "not a regular file");
  std::ofstream(file.path()).close();
  expect_refused(file.path(), "is empty");
  std::ofstream(file.path()) << "hello";
  expect_refused(file.path(), "not a Memoir trace");
  std::ofstream(file.path()) << std::string(10000, 'x');
  expect_refused(file.path(), "not a Memoir trace");
}

TEST(TraceReader, RefusesOtherDatabasesAndOtherVersions) {
  const ScratchFile file;
  write_finished(file.path());
  patch(file.path(), 60, std::string_view("\0\0\0\11", 4));
  expect_refused(file.path(), "newer Memoir (trace version 9; this one reads version 8)");
  patch(file.path(), 60, std::string_view("\0\0\0\2", 4));
  expect_refused(file.path(), "older Memoir (trace version 2; this one reads version 8)");
  patch(file.path(), 68, std::string_view("\1\2\3\4", 4));
  expect_refused(file.path(), "an SQLite database, but not a Memoir trace");
}

TEST(TraceReader, RefusesTruncatedTraces) {
  const ScratchFile file;
  write_finished(file.path());
  const auto size = std::filesystem::file_size(file.path());
  for (const std::uintmax_t kept : {std::uintmax_t{50}, std::uintmax_t{99},
                                    std::uintmax_t{4096}, size / 2, size - 1}) {
    std::filesystem::resize_file(file.path(), kept);
    expect_refused(file.path(), "truncated");
    write_finished(file.path());
  }
}

TEST(TraceReader, RefusesDamagedPages) {
  const ScratchFile file;
  write_finished(file.path());
  patch(file.path(), 5 * 4096, std::string(4096, '\x55'));
  expect_refused(file.path(), "damaged");
  write_finished(file.path());
  patch(file.path(), 100, std::string(3000, '\x55'));
  expect_refused(file.path(), "damaged");
}

TEST(TraceReader, RefusesAFileItMayNotRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const ScratchFile file;
  write_finished(file.path());
  chmod(file.path().c_str(), 0);
  expect_refused(file.path(), "Permission denied");
}

TEST(TraceReader, LeavesNoFilesBesideAFinishedTrace) {
  const ScratchFile file;
  write_finished(file.path());
  {
    TraceReader reader(file.path());
    reader.database().query_integer("SELECT count(*) FROM marks");
    EXPECT_FALSE(std::filesystem::exists(file.path().string() + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(file.path().string() + "-shm"));
  }
}

}  // namespace
}  // namespace memoir

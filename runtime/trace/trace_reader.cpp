#include "trace/trace_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "trace/error.h"
#include "trace/event_table.h"
#include "trace/schema.h"

namespace memoir {
namespace {

// Up to this size a check of every page costs less than 0.1 s. Damage in larger traces is
// found, and told in the same words, by the query that meets it.
constexpr std::uint64_t kCheckedBytes = 64 << 20;

// The header of an SQLite file, as https://www.sqlite.org/fileformat.html has it.
constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kPageSizeAt = 16, kWriteVersionAt = 18, kPageCountAt = 28,
                      kUserVersionAt = 60, kApplicationIdAt = 68;
constexpr std::uint8_t kWalVersion = 2;

struct Header {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  std::uint64_t file_bytes = 0;

  std::uint32_t number(std::size_t at) const {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
  }
  std::uint64_t page_size() const {
    const unsigned size = bytes[kPageSizeAt] * 256U + bytes[kPageSizeAt + 1];
    return size == 1 ? 65536 : size;
  }
};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(path.string() + ": " + why);
}

Header read_header(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe must be refused, not waited for.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    refuse(path, errno == ENOENT
                     ? "no such file"
                     : std::string("cannot be read: ") + std::strerror(errno));
  }
  struct stat status {};
  Header header;
  const bool known = fstat(fd, &status) == 0;
  const ssize_t got = known && S_ISREG(status.st_mode)
                          ? pread(fd, header.bytes.data(), kHeaderBytes, 0)
                          : 0;
  close(fd);
  if (known && S_ISDIR(status.st_mode)) refuse(path, "is a directory");
  if (!known || !S_ISREG(status.st_mode)) refuse(path, "not a regular file");
  if (status.st_size == 0) refuse(path, "is empty, not a Memoir trace");
  header.file_bytes = static_cast<std::uint64_t>(status.st_size);
  const std::string_view magic(reinterpret_cast<const char*>(header.bytes.data()),
                               kMagic.size());
  if (got < static_cast<ssize_t>(kMagic.size()) || magic != kMagic) {
    refuse(path, "not a Memoir trace");
  }
  if (got < static_cast<ssize_t>(kHeaderBytes)) refuse(path, "the trace is truncated");
  return header;
}

void check_header(const std::filesystem::path& path, const Header& header, bool has_wal) {
  if (header.number(kApplicationIdAt) != kTraceApplicationId) {
    refuse(path, "an SQLite database, but not a Memoir trace");
  }
  const std::uint32_t version = header.number(kUserVersionAt);
  if (version > kTraceVersion) {
    refuse(path, "written by a newer Memoir (trace version " + std::to_string(version) +
                     "; this one reads version " + std::to_string(kTraceVersion) + ")");
  }
  if (version == 0) refuse(path, "not a Memoir trace");
  if (version < kTraceVersion) {
    refuse(path, "written by an older Memoir (trace version " + std::to_string(version) +
                     "; this one reads version " + std::to_string(kTraceVersion) + ")");
  }
  // With a write-ahead log beside it, the missing pages may well be in there.
  const std::uint64_t promised = header.number(kPageCountAt) * header.page_size();
  if (!has_wal && header.file_bytes < promised) {
    refuse(path, "the trace is truncated: " + std::to_string(header.file_bytes) + " of " +
                     std::to_string(promised) + " bytes are there");
  }
}

std::filesystem::path companion(const std::filesystem::path& path, const char* suffix) {
  return path.string() + suffix;
}

std::unique_ptr<Database> open_best(const std::filesystem::path& path,
                                    const Header& header, bool has_wal) {
  if (header.bytes[kWriteVersionAt] != kWalVersion) {
    return std::make_unique<Database>(path, Database::Mode::kReadOnly);
  }
  // In WAL mode even a reader needs the shared index beside the file.
  const bool writable =
      access(path.c_str(), W_OK) == 0 &&
      access(std::filesystem::absolute(path).parent_path().c_str(), W_OK) == 0;
  if (writable) {
    auto database = std::make_unique<Database>(path, Database::Mode::kReadWrite);
    database->execute("PRAGMA query_only=1");
    return database;
  }
  return std::make_unique<Database>(
      path, has_wal ? Database::Mode::kReadOnly : Database::Mode::kImmutable);
}

void check_pages(const std::filesystem::path& path, Database& database) {
  Statement check = database.prepare("PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok") refuse(path, "the file is damaged");
}

}  // namespace

TraceReader::TraceReader(const std::filesystem::path& path) : path_(path) {
  const Header header = read_header(path);
  std::error_code none;
  const auto wal_bytes = std::filesystem::file_size(companion(path, "-wal"), none);
  const bool has_wal = !none && wal_bytes > 0;
  check_header(path, header, has_wal);

  lock_ = std::make_unique<RecordingLock>(path);
  const bool growing = !lock_->held();
  lock_->release();
  database_ = open_best(path, header, has_wal);
  if (!growing && header.file_bytes <= kCheckedBytes) check_pages(path, *database_);
  register_event_table(*database_);
  if (growing) {
    state_ = TraceState::kGrowing;
  } else if (meta("complete") != "1") {
    state_ = TraceState::kCutShort;
  }
}

std::string TraceReader::meta(std::string_view key) {
  Statement find = database_->prepare("SELECT value FROM meta WHERE key = ?");
  find.bind(0, key);
  return find.step() ? std::string(find.text(0)) : std::string();
}

bool TraceReader::make_writable() {
  if (access(path_.c_str(), W_OK) != 0 ||
      access(std::filesystem::absolute(path_).parent_path().c_str(), W_OK) != 0) {
    return false;
  }
  if (!lock_->acquire()) return false;
  database_.reset();
  database_ = std::make_unique<Database>(path_, Database::Mode::kReadWrite);
  database_->execute("PRAGMA synchronous=OFF");
  register_event_table(*database_);
  return true;
}

}  // namespace memoir

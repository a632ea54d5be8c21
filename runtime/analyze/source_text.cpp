#include "analyze/source_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "trace/error.h"

namespace memoir {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 20;

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string unpack(std::span<const std::uint8_t> packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kLargest) {
    throw Error("a source file of the trace is damaged");
  }
  std::string text(size, '\0');
  const std::size_t unpacked =
      ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(unpacked) != 0 || unpacked != size) {
    throw Error("a source file of the trace is damaged");
  }
  return text;
}

std::optional<std::string> kept_text(Database& database, std::string_view file) {
  Statement row = database.prepare(
      "SELECT text FROM source WHERE file IN (SELECT id FROM string WHERE s = ?)");
  row.bind(0, file);
  if (!row.step()) return std::nullopt;
  return unpack(row.blob(0));
}

std::optional<std::int64_t> changed_at(const std::filesystem::path& path) {
  struct stat status {};
  if (path.empty() || stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_mtime;
}

// What a regular file holds. Says in `why` what kept it from being read.
std::optional<std::string> read_file(const std::filesystem::path& path,
                                     std::string& why) {
  // A pipe of that name must not hang us.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    why = std::strerror(errno);
    return std::nullopt;
  }
  struct stat status {};
  std::string text;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    why = "not a plain file";
  } else if (static_cast<std::uint64_t>(status.st_size) > kLargest) {
    why = "too large for a source file";
  } else {
    text.resize(static_cast<std::size_t>(status.st_size));
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t got = read(file, text.data() + done, text.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) why = std::strerror(errno);
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    text.resize(done);
  }
  close(file);
  if (!why.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::string substitute_path(std::string_view path,
                            std::span<const SourcePathRule> rules) {
  const SourcePathRule* best = nullptr;
  for (const SourcePathRule& rule : rules) {
    std::string_view from = rule.from;
    while (from.size() > 1 && from.ends_with('/')) from.remove_suffix(1);
    const bool whole = path.size() == from.size() || from.ends_with('/') ||
                       (path.size() > from.size() && path[from.size()] == '/');
    if (from.empty() || !path.starts_with(from) || !whole) continue;
    if (best == nullptr || rule.from.size() > best->from.size()) best = &rule;
  }
  if (best == nullptr) return std::string(path);
  std::string_view from = best->from, to = best->to;
  while (from.ends_with('/')) from.remove_suffix(1);
  while (to.ends_with('/')) to.remove_suffix(1);
  return std::string(to) + std::string(path.substr(from.size()));
}

std::optional<std::int64_t> recording_time(TraceReader& trace) {
  const std::string text = trace.meta("started_at");
  std::tm time{};
  int end = 0;
  const int read =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &time.tm_year, &time.tm_mon,
                  &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &end);
  if (read != 6 || end != 20) return std::nullopt;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return timegm(&time);
}

SourceText find_source(Database& database, const SourceRequest& request,
                       std::span<const SourcePathRule> rules) {
  SourceText source;
  if (request.file.empty()) {
    source.why_missing = "the trace names no source file";
    return source;
  }
  if (const std::optional<std::string> kept = kept_text(database, request.file)) {
    source.origin = SourceText::Origin::kTrace;
    source.lines = split_lines(*kept);
    return source;
  }
  source.path = substitute_path(request.file, rules);
  const std::optional<std::string> text = read_file(source.path, source.why_missing);
  if (!text) return source;
  source.origin = SourceText::Origin::kDisk;
  source.lines = split_lines(*text);
  const std::optional<std::int64_t> changed = changed_at(source.path);
  const std::optional<std::int64_t> built = changed_at(request.module);
  source.newer_than_module = changed && built && *changed > *built;
  source.newer_than_trace = changed && request.recorded && *changed > *request.recorded;
  return source;
}

}  // namespace memoir

#include "analyze/source_text.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "analyze/source_file.h"

namespace memoir {
namespace {

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

std::optional<std::string> kept_text(Database& database, std::string_view file) {
  Statement row = database.prepare(
      "SELECT text FROM source WHERE file IN (SELECT id FROM string WHERE s = ?)");
  row.bind(0, file);
  if (!row.step()) return std::nullopt;
  return unpack_source(row.blob(0));
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
  const std::optional<std::string> text =
      read_source_file(source.path, source.why_missing);
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

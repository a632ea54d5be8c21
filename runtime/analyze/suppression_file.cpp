#include "analyze/suppression_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "trace/error.h"

namespace memoir {
namespace {

std::optional<std::string> text_of(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text) {
    throw Error(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)),
                ErrorKind::kUsage);
  }
  return text.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
  // Whole or not at all.
  const std::filesystem::path made = path.string() + ".new";
  std::ofstream file(made, std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(made, path, error);
  if (!file || error) {
    const std::string why = error ? error.message() : std::strerror(errno);
    std::filesystem::remove(made, error);
    throw Error(fmt::format("cannot write {}: {}", path.string(), why),
                ErrorKind::kUsage);
  }
}

bool has(const Suppressions& rules, const Suppression& rule) {
  return std::ranges::any_of(rules.rules(), [&](const Suppression& one) {
    return one.kind == rule.kind && one.pattern == rule.pattern;
  });
}

}  // namespace

std::filesystem::path suppression_path(const std::filesystem::path& trace) {
  return trace.string() + ".suppressions";
}

Suppressions read_suppression_file(const std::filesystem::path& path) {
  Suppressions rules;
  if (const std::optional<std::string> text = text_of(path)) {
    rules.add(*text, path.filename().string());
  }
  return rules;
}

Suppressions all_suppressions(TraceReader& trace) {
  Suppressions rules = read_suppressions(trace.database());
  const Suppressions beside = read_suppression_file(suppression_path(trace.path()));
  for (const Suppression& rule : beside.rules()) rules.add(rule);
  return rules;
}

void add_suppression(const std::filesystem::path& path, const Suppression& rule) {
  if (has(read_suppression_file(path), rule)) return;
  std::string text =
      text_of(path).value_or("# Read by the viewer, and by memoir run --suppressions\n");
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  write(path, text + rule.rule() + '\n');
}

void remove_suppression(const std::filesystem::path& path, const Suppression& rule) {
  const std::optional<std::string> text = text_of(path);
  if (!text) return;
  std::string kept;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    Suppressions one;
    one.add(line, path.filename().string());
    if (!has(one, rule)) kept += line + '\n';
  }
  write(path, kept);
}

}  // namespace memoir

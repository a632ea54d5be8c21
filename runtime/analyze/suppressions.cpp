#include "analyze/suppressions.h"

#include <algorithm>
#include <utility>

#include "base/pattern.h"
#include "trace/error.h"
#include "trace/fault_names.h"

namespace memoir {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_kind(std::string_view kind) {
  return kind == "leak" || fault_kind(kind) != FaultKind::kNone;
}

bool matches(const Suppression& rule, const StackFrame& frame) {
  return matches_pattern(rule.pattern, frame.function) ||
         matches_pattern(rule.pattern, frame.file) ||
         (frame.line != 0 &&
          matches_pattern(rule.pattern, frame.file + ":" + std::to_string(frame.line))) ||
         matches_pattern(rule.pattern, frame.module);
}

}  // namespace

void Suppressions::add(std::string_view lines, std::string_view name) {
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = trim(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    const std::string_view kind = trim(line.substr(0, colon));
    const std::string_view pattern =
        colon == line.npos ? std::string_view() : trim(line.substr(colon + 1));
    if (!is_kind(kind) || pattern.empty()) {
      throw Error(
          std::string(name) + ":" + std::to_string(number) + ": \"" + std::string(line) +
              "\" is no rule: kind:pattern, where kind is leak or a kind of memory "
              "error",
          ErrorKind::kUsage);
    }
    rules_.push_back({std::string(kind), std::string(pattern)});
  }
}

bool Suppressions::concern(std::string_view kind) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [kind](const Suppression& rule) { return rule.kind == kind; });
}

const Suppression* Suppressions::match(
    std::string_view kind,
    std::initializer_list<std::span<const StackFrame>> stacks) const {
  for (const Suppression& rule : rules_) {
    if (rule.kind != kind) continue;
    for (const std::span<const StackFrame> stack : stacks) {
      for (const StackFrame& frame : stack) {
        if (matches(rule, frame)) return &rule;
      }
    }
  }
  return nullptr;
}

Suppressions read_suppressions(Database& database) {
  Suppressions suppressions;
  Statement rows = database.prepare("SELECT rule FROM suppression ORDER BY rule");
  while (rows.step()) {
    const std::string_view rule = rows.text(0);
    const std::size_t colon = rule.find(':');
    if (colon == rule.npos) continue;
    suppressions.add(
        {std::string(rule.substr(0, colon)), std::string(rule.substr(colon + 1))});
  }
  return suppressions;
}

}  // namespace memoir

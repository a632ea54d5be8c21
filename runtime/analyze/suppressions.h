#pragma once

// Rules that silence reports, as LeakSanitizer writes them and for every kind of memory
// error:
//
//   # comment
//   leak:libfontconfig.so
//   heap_buffer_overflow:make_name
//   use_after_free:^/opt/*/cache.c$
//   double_free:main.c:120$
//
// A pattern matches part of a function, of a file, of file:line or of a module; * stands
// for anything, ^ for the beginning, $ for the end.
//
// Pure functions of texts.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyze/stacks.h"

namespace memoir {

struct Suppression {
  std::string kind;  // of memory error, or "leak"
  std::string pattern;

  std::string rule() const { return kind + ":" + pattern; }
};

class Suppressions {
 public:
  // Adds the lines of a file. Throws Error (kUsage) when one is no rule; `name` is the
  // file's.
  void add(std::string_view lines, std::string_view name);
  void add(Suppression rule) { rules_.push_back(std::move(rule)); }

  bool empty() const { return rules_.empty(); }
  const std::vector<Suppression>& rules() const { return rules_; }
  // Whether there is a rule for this kind at all.
  bool concern(std::string_view kind) const;

  // The first rule that matches a frame of one of the stacks; null when none does.
  const Suppression* match(
      std::string_view kind,
      std::initializer_list<std::span<const StackFrame>> stacks) const;

 private:
  std::vector<Suppression> rules_;
};

// Of a trace: the rules it was recorded with.
Suppressions read_suppressions(Database& database);

}  // namespace memoir

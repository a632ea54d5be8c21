#pragma once

// What people type to see less: words with all of which a row must agree.
//
//   parse                  a word: the function, by a few of its letters
//   "operator new"         a text: in a function, file or module of any frame
//   fn: file: module:      a part of the place that a stack is attributed to
//   via:run_query          a function anywhere in the stack
//   size>64k  size:1k..4k  bytes of a block; also < >= <= and a figure alone
//   age>2s  t:1.2s..3s     how long a block lived; when it was made
//   thread:3 process:2     by number, or by a part of the name
//   pool: class: api:      names; class is definite, indirect, possible, reachable, ...
//   site:123 stack:123     the call site of a stack; the stack alone
//   addr:0x7f00            the block that holds this address
//   leaked  temp           never freed; freed before its thread's next allocation
//   -fn:parse              not that
//
// Names may hold * ^ and $, and are quoted where they have spaces.
//
// Pure functions of texts. What a filter means is decided in analyze/filter_stacks.h and
// analyze/filter_blocks.h.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace memoir {

enum class FilterField {
  kWord,
  kText,
  kFunction,
  kFile,
  kModule,
  kVia,
  kSize,
  kAge,
  kTime,
  kThread,
  kProcess,
  kPool,
  kClass,
  kApi,
  kSite,
  kStack,
  kAddress,
  kLeaked,
  kTemporary,
};

struct FilterTerm {
  FilterField field = FilterField::kWord;
  bool negated = false;
  std::string text;                          // of names
  std::uint64_t least = 0, most = kNoLimit;  // of figures; both are in
  std::size_t begin = 0, end = 0;            // where it stood

  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
};

struct FilterError {
  std::size_t begin = 0, end = 0;  // what is wrong; a caret goes to `begin`
  std::string message;             // without a full stop
};

struct Filter {
  std::vector<FilterTerm> terms;

  bool empty() const { return terms.empty(); }
  bool has(FilterField field) const;
};

struct ParsedFilter {
  Filter filter;                     // the terms that are right
  std::optional<FilterError> error;  // the first one
};

ParsedFilter parse_filter(std::string_view text);

// As one would type it; parses to the same.
std::string filter_text(const FilterTerm& term);
std::string filter_text(const Filter& filter);

// What there is to type.
enum class FilterValue { kName, kBytes, kDuration, kNumber, kAddress, kNothing };
struct FilterWord {
  std::string_view name;  // without ":"
  FilterField field;
  FilterValue value;
  std::string_view help;
};
std::span<const FilterWord> filter_words();

// The classes of leaks, for `class:`.
std::span<const std::string_view> leak_classes();

}  // namespace memoir

#include "analyze/filter.h"

#include <algorithm>
#include <array>

#include "analyze/ascii.h"
#include "analyze/filter_units.h"

namespace memoir {
namespace {

constexpr std::array kWords = {
    FilterWord{"fn", FilterField::kFunction, FilterValue::kName,
               "function of the call site"},
    FilterWord{"file", FilterField::kFile, FilterValue::kName,
               "source file of the call site"},
    FilterWord{"module", FilterField::kModule, FilterValue::kName,
               "program or library of the call site"},
    FilterWord{"via", FilterField::kVia, FilterValue::kName,
               "function anywhere in the call stack"},
    FilterWord{"size", FilterField::kSize, FilterValue::kBytes,
               "bytes of a block: size>64k"},
    FilterWord{"age", FilterField::kAge, FilterValue::kDuration,
               "how long it lived: age>2s"},
    FilterWord{"t", FilterField::kTime, FilterValue::kDuration,
               "when it was made: t:1.2s..3s"},
    FilterWord{"thread", FilterField::kThread, FilterValue::kName,
               "number or name of the thread that made it"},
    FilterWord{"process", FilterField::kProcess, FilterValue::kNumber,
               "number of a process"},
    FilterWord{"pool", FilterField::kPool, FilterValue::kName, "kind or name of a pool"},
    FilterWord{"class", FilterField::kClass, FilterValue::kName, "class of a leak"},
    FilterWord{"api", FilterField::kApi, FilterValue::kName,
               "function that made it: malloc"},
    FilterWord{"site", FilterField::kSite, FilterValue::kNumber,
               "call site of this stack's number"},
    FilterWord{"stack", FilterField::kStack, FilterValue::kNumber, "this stack's number"},
    FilterWord{"addr", FilterField::kAddress, FilterValue::kAddress,
               "the block that holds this address"},
    FilterWord{"leaked", FilterField::kLeaked, FilterValue::kNothing, "never freed"},
    FilterWord{"temp", FilterField::kTemporary, FilterValue::kNothing,
               "freed before its thread's next allocation"},
};

constexpr std::array<std::string_view, 6> kLeakClasses = {
    "definite", "indirect", "possible", "reachable", "in_pool", "unknown"};

const FilterWord* find_word(std::string_view name) {
  const auto word = std::find_if(kWords.begin(), kWords.end(),
                                 [name](const FilterWord& w) { return w.name == name; });
  return word == kWords.end() ? nullptr : &*word;
}

const FilterWord* find_word(FilterField field) {
  const auto word =
      std::find_if(kWords.begin(), kWords.end(),
                   [field](const FilterWord& w) { return w.field == field; });
  return word == kWords.end() ? nullptr : &*word;
}

std::optional<std::uint64_t> parse_figure(FilterValue value, std::string_view text) {
  switch (value) {
    case FilterValue::kBytes:
      return parse_bytes(text);
    case FilterValue::kDuration:
      return parse_duration(text);
    case FilterValue::kNumber:
      return parse_natural(text);
    case FilterValue::kAddress:
      return parse_address(text);
    case FilterValue::kName:
    case FilterValue::kNothing:
      break;
  }
  return std::nullopt;
}

std::string expectation(FilterValue value) {
  switch (value) {
    case FilterValue::kBytes:
      return "a size, like 100, 64k or 1.5MiB";
    case FilterValue::kDuration:
      return "a time, like 20us, 1.5s or 2min";
    case FilterValue::kNumber:
      return "a number";
    case FilterValue::kAddress:
      return "an address, like 0x7f3a10";
    case FilterValue::kName:
      return "a name";
    case FilterValue::kNothing:
      break;
  }
  return "nothing";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ParsedFilter run() {
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) return std::move(result_);
      const std::size_t begin = at_;
      term_ = {};
      failed_ = false;
      parse_term();
      // What is wrong goes on to the next space.
      while (failed_ && at_ < text_.size() && !is_space(text_[at_])) ++at_;
      term_.begin = begin;
      term_.end = at_;
      if (!failed_) result_.filter.terms.push_back(term_);
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void fail(std::size_t begin, std::size_t end, std::string message) {
    failed_ = true;
    if (!result_.error) result_.error = FilterError{begin, end, std::move(message)};
  }

  void parse_term() {
    if (peek() == '-') {
      term_.negated = true;
      const std::size_t dash = at_++;
      if (peek() == '\0' || is_space(peek())) {
        return fail(dash, at_, "a word is expected after -");
      }
    }
    if (peek() == '"') {
      term_.field = FilterField::kText;
      term_.text = quoted();
      return;
    }
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && text_[end] >= 'a' && text_[end] <= 'z') ++end;
    const std::string_view name = text_.substr(begin, end - begin);
    const FilterWord* word = find_word(name);
    const char next = end < text_.size() ? text_[end] : '\0';
    const bool ends = next == '\0' || is_space(next);
    const bool is_operator = next == ':' || next == '=' || next == '<' || next == '>';
    // std::string is a word; so is operator==.
    const bool is_scope = next == ':' && end + 1 < text_.size() && text_[end + 1] == ':';
    if (word != nullptr && word->value == FilterValue::kNothing && ends) {
      term_.field = word->field;
      at_ = end;
    } else if (word != nullptr && word->value != FilterValue::kNothing && is_operator &&
               !is_scope) {
      term_.field = word->field;
      at_ = end;
      parse_value(*word);
    } else if (next == ':' && !is_scope && !name.empty() && word == nullptr) {
      at_ = end + 1;
      fail(begin, end,
           "there is no \"" + std::string(name) + ":\"; quote it to search for it");
    } else {
      term_.field = FilterField::kWord;
      term_.text = bare();
    }
  }

  void parse_value(const FilterWord& word) {
    const std::size_t operator_begin = at_;
    const char first = peek();
    ++at_;
    const bool equal = (first == '<' || first == '>') && peek() == '=';
    if (equal) ++at_;
    const std::size_t begin = at_;
    if (word.value == FilterValue::kName) {
      if (first == '<' || first == '>') {
        return fail(operator_begin, begin, "names have no order: use a colon");
      }
      term_.text = peek() == '"' ? quoted() : bare();
      if (!failed_ && term_.text.empty()) fail(begin, at_, "a name is missing");
      if (!failed_) check_name(word, begin);
      return;
    }
    const std::string value = bare();
    if (value.empty())
      return fail(begin, begin, expectation(word.value) + ", is missing");
    if (first == '<' || first == '>') {
      return parse_bound(word, first, equal, value, begin);
    }
    parse_range(word, value, begin);
  }

  void check_name(const FilterWord& word, std::size_t begin) {
    if (word.field == FilterField::kClass &&
        std::find(kLeakClasses.begin(), kLeakClasses.end(), term_.text) ==
            kLeakClasses.end()) {
      std::string message = "the classes are ";
      for (const std::string_view known : kLeakClasses) {
        message += (known == kLeakClasses.front() ? "" : ", ") + std::string(known);
      }
      fail(begin, at_, message);
    }
  }

  std::optional<std::uint64_t> figure(const FilterWord& word, std::string_view text,
                                      std::size_t begin) {
    const std::optional<std::uint64_t> value = parse_figure(word.value, text);
    if (!value) {
      fail(begin, begin + text.size(), expectation(word.value) + ", is expected");
    }
    return value;
  }

  void parse_bound(const FilterWord& word, char direction, bool equal,
                   std::string_view value, std::size_t begin) {
    const std::optional<std::uint64_t> bound = figure(word, value, begin);
    if (!bound) return;
    if (word.value == FilterValue::kAddress) {
      return fail(begin, begin + value.size(), "addresses have no order: use a colon");
    }
    if (direction == '>') {
      if (!equal && *bound == FilterTerm::kNoLimit) {
        return fail(begin, begin + value.size(), "nothing is larger");
      }
      term_.least = *bound + (equal ? 0 : 1);
    } else {
      if (!equal && *bound == 0) {
        return fail(begin, begin + value.size(), "nothing is smaller");
      }
      term_.most = *bound - (equal ? 0 : 1);
    }
  }

  void parse_range(const FilterWord& word, std::string_view value, std::size_t begin) {
    const std::size_t dots = value.find("..");
    if (dots == value.npos || word.value == FilterValue::kAddress) {
      const std::optional<std::uint64_t> one = figure(word, value, begin);
      if (!one) return;
      if (word.field == FilterField::kTime || word.field == FilterField::kAge) {
        const std::string name(word.name);
        return fail(begin, begin + value.size(),
                    "a range is expected: " + name + ":" + std::string(value) +
                        "..3s, or " + name + ">" + std::string(value));
      }
      term_.least = term_.most = *one;
      return;
    }
    const std::string_view low = value.substr(0, dots), high = value.substr(dots + 2);
    if (low.empty() && high.empty()) {
      return fail(begin, begin + value.size(), "a range has at least one end");
    }
    if (!low.empty()) {
      const std::optional<std::uint64_t> least = figure(word, low, begin);
      if (!least) return;
      term_.least = *least;
    }
    if (!high.empty()) {
      const std::optional<std::uint64_t> most = figure(word, high, begin + dots + 2);
      if (!most) return;
      term_.most = *most;
    }
    if (term_.least > term_.most) {
      fail(begin, begin + value.size(), "the range ends before it begins");
    }
  }

  // Up to the next space.
  std::string bare() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // A backslash takes the next character as it is.
  std::string quoted() {
    const std::size_t begin = at_++;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    if (at_ == text_.size()) {
      fail(begin, at_, "the quotation mark is not closed");
      return value;
    }
    ++at_;
    if (value.empty()) fail(begin, at_, "there is nothing between the quotation marks");
    if (!failed_ && at_ < text_.size() && !is_space(text_[at_])) {
      fail(at_, at_ + 1, "a space is expected after a quotation mark");
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  FilterTerm term_;
  bool failed_ = false;
  ParsedFilter result_;
};

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string name_text(std::string_view name) {
  const bool plain = !name.empty() && name.front() != '"' &&
                     std::none_of(name.begin(), name.end(), is_space);
  return plain ? std::string(name) : quote(name);
}

std::string figure_text(FilterValue value, std::uint64_t figure) {
  switch (value) {
    case FilterValue::kBytes:
      return write_bytes(figure);
    case FilterValue::kDuration:
      return write_duration(figure);
    case FilterValue::kAddress:
      return write_address(figure);
    default:
      return std::to_string(figure);
  }
}

std::string range_text(const FilterWord& word, std::uint64_t least, std::uint64_t most) {
  const auto figure = [&word](std::uint64_t value) {
    return figure_text(word.value, value);
  };
  if (least == most && word.value != FilterValue::kDuration) return ":" + figure(least);
  if (most == FilterTerm::kNoLimit && word.value != FilterValue::kAddress) {
    if (least == 0) return ">=" + figure(0);
    // "more than 64k" is what was typed, mostly.
    const std::string more = ">" + figure(least - 1), from = ">=" + figure(least);
    return more.size() < from.size() ? more : from;
  }
  if (least == 0 && word.value != FilterValue::kAddress) {
    const std::string less = "<" + figure(most + 1), up_to = "<=" + figure(most);
    return less.size() < up_to.size() ? less : up_to;
  }
  return ":" + (least == 0 ? "" : figure(least)) + ".." +
         (most == FilterTerm::kNoLimit ? "" : figure(most));
}

}  // namespace

bool Filter::has(FilterField field) const {
  return std::any_of(terms.begin(), terms.end(),
                     [field](const FilterTerm& term) { return term.field == field; });
}

ParsedFilter parse_filter(std::string_view text) { return Parser(text).run(); }

std::string filter_text(const FilterTerm& term) {
  std::string text = term.negated ? "-" : "";
  if (term.field == FilterField::kWord) return text + term.text;
  if (term.field == FilterField::kText) return text + quote(term.text);
  const FilterWord* word = find_word(term.field);
  text += word->name;
  if (word->value == FilterValue::kNothing) return text;
  if (word->value == FilterValue::kName) return text + ":" + name_text(term.text);
  return text + range_text(*word, term.least, term.most);
}

std::string filter_text(const Filter& filter) {
  std::string text;
  for (const FilterTerm& term : filter.terms) {
    text += (text.empty() ? "" : " ") + filter_text(term);
  }
  return text;
}

std::span<const FilterWord> filter_words() { return kWords; }

std::span<const std::string_view> leak_classes() { return kLeakClasses; }

}  // namespace memoir

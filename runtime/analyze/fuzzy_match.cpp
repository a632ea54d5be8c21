#include "analyze/fuzzy_match.h"

#include <algorithm>
#include <string>
#include <vector>

#include "analyze/ascii.h"
#include "base/pattern.h"

namespace memoir {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) {
  const char l = lowered(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
         static_cast<signed char>(c) < 0;
}

bool has_capital(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_capital);
}

bool begins_word(std::string_view text, std::size_t at) {
  if (!is_letter(text[at])) return true;
  if (at == 0 || !is_letter(text[at - 1])) return true;
  return is_capital(text[at]) && !is_capital(text[at - 1]);
}

// Matches piece by piece, each piece from the beginning of a word.
class Pieces {
 public:
  Pieces(std::string_view pattern, std::string_view text, std::string_view original)
      : pattern_(pattern),
        text_(text),
        original_(original),
        failed_((pattern.size() + 1) * (text.size() + 1)) {}

  // The number of pieces that the rest of the pattern takes; 0 when it does not fit.
  int match(std::size_t done, std::size_t from) {
    if (failed_[done * (text_.size() + 1) + from]) return 0;
    for (std::size_t at = from; at < text_.size(); ++at) {
      if (text_[at] != pattern_[done] || !begins_word(original_, at)) continue;
      std::size_t length = 0;
      while (done + length < pattern_.size() && at + length < text_.size() &&
             text_[at + length] == pattern_[done + length]) {
        ++length;
      }
      if (done + length == pattern_.size()) return 1;
      for (; length > 0; --length) {
        if (const int more = match(done + length, at + length); more != 0)
          return more + 1;
      }
    }
    failed_[done * (text_.size() + 1) + from] = true;
    return 0;
  }

 private:
  std::string_view pattern_, text_, original_;
  std::vector<bool> failed_;  // by letters done and place
};

bool has_in_order(std::string_view pattern, std::string_view text) {
  std::size_t done = 0;
  for (const char c : text) done += done < pattern.size() && c == pattern[done] ? 1 : 0;
  return done == pattern.size();
}

}  // namespace

std::optional<int> fuzzy_score(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return 0;
  const bool exact = has_capital(pattern);
  const std::string low = exact ? std::string(text) : lowered(text);
  // The shorter the text, the more of it was meant.
  const int size = static_cast<int>(std::min<std::size_t>(text.size(), 1000));
  if (const std::size_t at = low.find(pattern); at != low.npos) {
    return 10'000 + (begins_word(text, at) ? 5'000 : 0) - size;
  }
  // A pattern is typed by hand: a longer one is no fuzzy one.
  if (pattern.size() > 64 || text.size() > 4096 || !has_in_order(pattern, low)) {
    return std::nullopt;
  }
  const int pieces = Pieces(pattern, low, text).match(0, 0);
  if (pieces == 0) return std::nullopt;
  return 5'000 - 100 * std::min(pieces, 30) - size;
}

bool matches_name(std::string_view pattern, std::string_view text) {
  if (has_capital(pattern)) return matches_pattern(pattern, text);
  return matches_pattern(pattern, lowered(text));
}

}  // namespace memoir

#include "base/pattern.h"

namespace memoir {
namespace {

// The first `count` characters, or all where there are fewer.
std::string_view first(std::string_view text, std::size_t count) {
  return {text.data(), count < text.size() ? count : text.size()};
}

// What is left without them.
std::string_view without(std::string_view text, std::size_t count) {
  text.remove_prefix(count < text.size() ? count : text.size());
  return text;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  if (text.empty()) return false;
  const bool from_begin = pattern.starts_with('^');
  if (from_begin) pattern.remove_prefix(1);
  const bool to_end = pattern.ends_with('$');
  if (to_end) pattern.remove_suffix(1);
  // The pieces between the stars, one after the other; the first place is the best one.
  bool free = !from_begin;  // whether something may stand before the next piece
  for (;;) {
    const std::size_t star = pattern.find('*');
    const std::string_view piece = first(pattern, star);
    const bool last = star == std::string_view::npos;
    if (last && to_end) {
      return text.ends_with(piece) && (free || text.size() == piece.size());
    }
    const std::size_t found = free ? text.find(piece) : 0;
    if (found == std::string_view::npos ||
        first(without(text, found), piece.size()) != piece) {
      return false;
    }
    if (last) return true;
    text = without(text, found + piece.size());
    pattern = without(pattern, star + 1);
    free = true;
  }
}

}  // namespace memoir

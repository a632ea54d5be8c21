#pragma once

// Finds names by a few of their letters: "pt" and "patok" find parse_token.
//
// Pure functions.

#include <optional>
#include <string_view>

namespace memoir {

// How well the letters fit, the larger the better; nothing where they do not. A part of
// the text fits; so do letters in order, each of which follows the one before it or
// begins a word of the text (after what is no letter, or a capital after a small one).
// Capitals in the pattern mean capitals only.
std::optional<int> fuzzy_score(std::string_view pattern, std::string_view text);

// Whether a pattern without wildcards is a part of the text, or one with `*`, `^` and `$`
// matches it (base/pattern.h). Without capitals in the pattern, those of the text do not
// matter.
bool matches_name(std::string_view pattern, std::string_view text);

}  // namespace memoir

#pragma once

// Patterns for names, as suppressions and options have them: `*` stands for anything, `^`
// and `$` for the begin and the end; without them a part of the name is enough.
//
// Pure.

#include <string_view>

namespace memoir {

// No pattern matches an empty text.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace memoir

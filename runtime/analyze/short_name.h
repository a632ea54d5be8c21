#pragma once

// Long C++ names as people can read them in little room. Only what is shown is shortened:
// never what is compared, searched or exported.
//
// Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace memoir {

// Without what says nothing at any width: inline namespaces of the standard library,
// default template arguments, std::basic_string, clones, ABI tags; a lambda is {lambda}.
std::string plain_name(std::string_view name);

// In at most `width` characters. Until it fits, there go, in this order: the return type,
// the parameters, the template arguments from the innermost ones out, what the function
// is a member of from the outermost in, all brackets; and then the middle, or in very
// little room the end.
std::string short_name(std::string_view name, std::size_t width);

}  // namespace memoir

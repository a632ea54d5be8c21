#pragma once

#include <string>
#include <string_view>

namespace memoir {

// The C++ name behind a linker's name; the name itself when it is not mangled.
std::string demangle(std::string_view name);

}  // namespace memoir

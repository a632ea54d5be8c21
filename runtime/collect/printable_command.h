#pragma once

// Thread safety: any thread. Errors: none.

#include <string>

namespace memoir {

// The command line with its zero bytes made blanks, quoted where a shell would need it.
std::string printable_command(const std::string& arguments);

}  // namespace memoir

#pragma once

// What an earlier trace blames, for the runtime to guard in the next run.
//
// Thread safety: none. Errors: throws Error.

#include <filesystem>
#include <string>

namespace memoir {

// The call sites whose blocks were damaged, or used after they were freed, as the
// variable kPinsVariable has them. Throws Error (kUsage) where the trace blames none.
std::string pins_of(const std::filesystem::path& trace);

}  // namespace memoir

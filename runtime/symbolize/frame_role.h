#pragma once

// Whose frame it is. A call stack is attributed to the innermost frame of the program
// itself: a leak in std::vector is the leak of whoever owns the vector.
//
// Pure functions of names; no state.

#include <cstdint>
#include <string_view>

namespace memoir {

// Values are stored in the trace (frame_line.skip): never change the ones that exist.
enum class FrameRole : std::uint8_t {
  kProgram = 0,
  kAllocator = 1,     // malloc and its family, operator new, namespace std,
                      // the library in include/memoir
  kMemoir = 2,        // the preload library
  kLibcInternal = 3,  // nameless code of the C library: its caller decides
  kLibcGiver = 4,     // strdup and others that allocate for their caller
};

// `linkage_name` is the mangled name where there is one, otherwise that in the source; ""
// for a frame without a name.
FrameRole frame_role(std::string_view module_path, std::string_view linkage_name);

}  // namespace memoir

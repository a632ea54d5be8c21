#include "shim/second_runtime.h"

#include "memoir/track.h"

// memoir_track of this very runtime (track_interface.cpp).
extern "C" __attribute__((visibility("hidden")))
const memoir_track_table memoir_own_track;

namespace memoir {

// The dynamic linker settles memoir_track for all at the first that the process has.
bool is_second_runtime() { return &memoir_track != &memoir_own_track; }

}  // namespace memoir

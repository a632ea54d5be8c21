// Where libmemoir_bounds.so finds the runtime.

#include "base/compiler.h"
#include "track/library_access.h"

MEMOIR_EXPORT constinit const memoir::BoundsInterface memoir_bounds_interface = {
    memoir::kHeapLayout,           memoir::heap_of_process,
    memoir::judge_library_access,  memoir::tell_library_overlap,
    memoir::settle_library_access, memoir::enter_library_call,
    memoir::leave_library_call};

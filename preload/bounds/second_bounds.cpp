#include "bounds/second_bounds.h"

#include "bounds/bounds_marker.h"

namespace memoir {

// The dynamic linker settles memoir_bounds_marker for all at the first that the process
// has.
bool is_second_bounds() { return &memoir_bounds_marker != &memoir_own_bounds_marker; }

}  // namespace memoir

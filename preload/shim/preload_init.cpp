// Begins recording as soon as the library is loaded, if no allocation did so before.

#include "shim/lifecycle_exec.h"
#include "shim/real_functions.h"
#include "track/tracker.h"

namespace {

__attribute__((constructor)) void start_recording() {
  memoir::real();
  memoir::find_exec_functions();
  memoir::track_start();
}

}  // namespace

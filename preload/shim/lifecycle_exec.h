#pragma once

namespace memoir {

// Looks up what stands behind the exec functions, before a signal handler or a child of
// vfork can need it.
void find_exec_functions();

}  // namespace memoir

#pragma once

// The handler that stands before the program's: tells of guards that were touched and
// lets the program go on, and has the blocks looked at before a signal ends the process.
// All else goes to whoever would have had it.
//
// It takes no lock that the interrupted code may hold: what raises a fault is code of the
// program or of libc, and Memoir's own holds its locks with signals blocked.

#include "track/program_signals.h"

namespace memoir {

// In check mode, once the heap serves the program. Before the program has handlers.
void start_handling_faults(const SignalFunctions& functions);

}  // namespace memoir

#pragma once

#include "track/program_signals.h"

namespace memoir {

// libc's functions, or what else stands behind the interposers.
const SignalFunctions& real_signal_functions();

}  // namespace memoir

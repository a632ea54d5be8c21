#pragma once

// The signal of a breakpoint: whether it tells of an error, and the report.

#include <signal.h>
#include <ucontext.h>

namespace memoir {

// In the handler of SIGTRAP. True when it was for Memoir, whatever it meant.
bool handle_breakpoint(const siginfo_t& info, const ucontext_t& context);

}  // namespace memoir

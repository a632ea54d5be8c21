#pragma once

// Addresses that were read from memory which nobody has written, or which was freed: they
// are made of the bytes that the heap fills it with, and no address of any machine. Who
// follows one is told of; the signal goes its way.

#include <signal.h>
#include <ucontext.h>

namespace memoir {

// In the handler of a signal that is not Memoir's own. Says nothing but where the
// instruction's own operand is such an address.
void tell_of_bad_address(int signal, const siginfo_t& info, const ucontext_t& context);

}  // namespace memoir

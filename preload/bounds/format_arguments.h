#pragma once

// The strings that a format of the printf family reads from its arguments.
//
// Thread safety and signals: everything from anywhere.

#include <stdarg.h>

#include "bounds/heap_view.h"

namespace memoir {

// Whether the strings among the arguments end in their blocks, as far as they are read.
// True, too, where the format has what is not understood: positions (%1$s), conversions
// that the program has made, and all behind one of these. The list is left as it is.
bool are_arguments_sound(const char* format, va_list list);

// Tells of those that do not.
void tell_arguments(SuspectCall& call, const char* format, va_list list);

}  // namespace memoir

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

// Looks at the strings among the arguments before a call of the family, which is
// go_on(was_wrong).
template <typename GoOn>
int after_arguments(const char* name, const void* frame, const char* format, va_list list,
                    GoOn go_on) {
  if (MEMOIR_LIKELY(are_arguments_sound(format, list))) return go_on(false);
  SuspectCall call(name, frame);
  tell_arguments(call, format, list);
  return go_on(true);
}

}  // namespace memoir

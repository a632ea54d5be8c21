// What the printf family reads: the strings among its arguments. Its destinations are in
// format_interceptors.cpp.

#include "bounds/format_arguments.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

template <typename Real>
int print(const char* name, const void* frame, const char* format, va_list list,
          Real real) {
  if (MEMOIR_LIKELY(are_arguments_sound(format, list))) return real(list);
  SuspectCall call(name, frame);
  tell_arguments(call, format, list);
  return real(list);
}

}  // namespace
}  // namespace memoir

using memoir::g_libc;
using memoir::print;

// Both forms of a function: with a list of values, and with `...`. Of each, the
// parameters and arguments up to the format.
#define MEMOIR_UNPACK(...) __VA_ARGS__
#define MEMOIR_PRINT(name, listed, shown, parameters, arguments)                      \
  MEMOIR_INTERCEPTOR(int, listed, (MEMOIR_UNPACK parameters, va_list list)) {         \
    return print("v" shown, MEMOIR_FRAME, format, list, [=](va_list values) {         \
      return g_libc.listed(MEMOIR_UNPACK arguments, values);                          \
    });                                                                               \
  }                                                                                   \
  MEMOIR_INTERCEPTOR(int, name, (MEMOIR_UNPACK parameters, ...)) {                    \
    va_list list;                                                                     \
    va_start(list, format);                                                           \
    const int length = print(shown, MEMOIR_FRAME, format, list, [=](va_list values) { \
      return g_libc.listed(MEMOIR_UNPACK arguments, values);                          \
    });                                                                               \
    va_end(list);                                                                     \
    return length;                                                                    \
  }

MEMOIR_PRINT(printf, vprintf, "printf", (const char* format), (format))
MEMOIR_PRINT(fprintf, vfprintf, "fprintf", (FILE * stream, const char* format),
             (stream, format))
MEMOIR_PRINT(dprintf, vdprintf, "dprintf", (int file, const char* format), (file, format))
MEMOIR_PRINT(asprintf, vasprintf, "asprintf", (char** made, const char* format),
             (made, format))
MEMOIR_PRINT(__printf_chk, __vprintf_chk, "printf", (int flag, const char* format),
             (flag, format))
MEMOIR_PRINT(__fprintf_chk, __vfprintf_chk, "fprintf",
             (FILE * stream, int flag, const char* format), (stream, flag, format))
MEMOIR_PRINT(__dprintf_chk, __vdprintf_chk, "dprintf",
             (int file, int flag, const char* format), (file, flag, format))
MEMOIR_PRINT(__asprintf_chk, __vasprintf_chk, "asprintf",
             (char** made, int flag, const char* format), (made, flag, format))

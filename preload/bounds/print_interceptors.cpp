// What the printf family reads: the strings among its arguments. Its destinations are in
// format_interceptors.cpp.

#include "bounds/format_arguments.h"
#include "bounds/listed_interceptor.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

template <typename Real>
int print(const char* name, const void* frame, const char* format, va_list list,
          Real real) {
  return after_arguments(name, frame, format, list, [&](bool) { return real(list); });
}

}  // namespace
}  // namespace memoir

using memoir::print;

#define MEMOIR_PRINT(name, listed, shown, parameters, arguments) \
  MEMOIR_LISTED(name, listed, shown, parameters, arguments, print, (format))

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

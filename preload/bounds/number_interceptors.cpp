// Numbers that are read from text. A text that does not end in its block is sound where
// the number ends before.

#include <errno.h>

#include "bounds/string_range.h"

namespace memoir {
namespace {

// Longer ones than this are taken for sound.
constexpr std::size_t kLongest = 128;

// What may stand in a number, of any base or kind, and before it.
bool may_belong(char character) {
  const auto letter = static_cast<unsigned char>(character | 0x20);
  return (character >= '0' && character <= '9') || (letter >= 'a' && letter <= 'z') ||
         character == '+' || character == '-' || character == '.' || character == ',' ||
         character == ' ' || (character >= '\t' && character <= '\r');
}

// Whether a number that begins here is read beyond these bytes of it. parse(text, end)
// reads one, and says where it ended.
template <typename Parse>
bool is_read_on(const char* text, std::size_t room, Parse parse) {
  std::size_t length = 0;
  while (length < room && may_belong(text[length])) ++length;
  if (length < room || length > kLongest) return false;
  char copy[kLongest + 1];
  for (std::size_t i = 0; i < length; ++i) copy[i] = text[i];
  copy[length] = '\0';
  char* end = copy;
  parse(copy, &end);
  // Of blanks alone nothing is taken, but all are looked at.
  bool all_blank = true;
  for (std::size_t i = 0; i < length; ++i) all_blank = all_blank && copy[i] <= ' ';
  return end == copy + length || all_blank;
}

template <typename Parse, typename Real>
MEMOIR_FAST_PATH auto read_number(const char* name, const void* frame, const char* text,
                                  Parse parse, Real real) {
  const std::size_t room = room_at(text);
  if (MEMOIR_LIKELY(room == kUnbounded)) return real();
  const int saved_errno = errno;
  const bool suspect = is_read_on(text, room, parse);
  errno = saved_errno;
  if (MEMOIR_LIKELY(!suspect)) return real();
  SuspectCall call(name, frame);
  call.reads(text, room + 1);
  return real();
}

}  // namespace
}  // namespace memoir

using memoir::g_libc;
using memoir::read_number;

// Those that say where the number ended, and in which base it is.
#define MEMOIR_READ_INTEGER(result, name, shown)                                 \
  MEMOIR_INTERCEPTOR(result, name, (const char* text, char** end, int base)) {   \
    return read_number(                                                          \
        shown, MEMOIR_FRAME, text,                                               \
        [=](const char* copy, char** stop) { g_libc.strtol(copy, stop, base); }, \
        [=] { return g_libc.name(text, end, base); });                           \
  }
#define MEMOIR_READ_REAL(result, name)                                    \
  MEMOIR_INTERCEPTOR(result, name, (const char* text, char** end)) {      \
    return read_number(                                                   \
        #name, MEMOIR_FRAME, text,                                        \
        [](const char* copy, char** stop) { g_libc.strtod(copy, stop); }, \
        [=] { return g_libc.name(text, end); });                          \
  }

MEMOIR_READ_INTEGER(long, strtol, "strtol")
MEMOIR_READ_INTEGER(long long, strtoll, "strtoll")
MEMOIR_READ_INTEGER(unsigned long, strtoul, "strtoul")
MEMOIR_READ_INTEGER(unsigned long long, strtoull, "strtoull")
MEMOIR_READ_INTEGER(long, __isoc23_strtol, "strtol")
MEMOIR_READ_INTEGER(long long, __isoc23_strtoll, "strtoll")
MEMOIR_READ_INTEGER(unsigned long, __isoc23_strtoul, "strtoul")
MEMOIR_READ_INTEGER(unsigned long long, __isoc23_strtoull, "strtoull")
MEMOIR_READ_REAL(double, strtod)
MEMOIR_READ_REAL(float, strtof)

// Those that do not.
#define MEMOIR_READ_PLAIN(result, name, parser)                                   \
  MEMOIR_INTERCEPTOR(result, name, (const char* text)) {                          \
    return read_number(                                                           \
        #name, MEMOIR_FRAME, text, [](const char* copy, char** stop) { parser; }, \
        [=] { return g_libc.name(text); });                                       \
  }

MEMOIR_READ_PLAIN(int, atoi, g_libc.strtol(copy, stop, 10))
MEMOIR_READ_PLAIN(long, atol, g_libc.strtol(copy, stop, 10))
MEMOIR_READ_PLAIN(long long, atoll, g_libc.strtol(copy, stop, 10))
MEMOIR_READ_PLAIN(double, atof, g_libc.strtod(copy, stop))

// The printf family's destination. What a format makes is known when it was made: it is
// written into what is left of the block first, and only where that was too little, told
// of and written as the program wanted it.

#include <errno.h>

#include "bounds/format_arguments.h"
#include "bounds/heap_view.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

// A call of the family. make(to, size, list) formats into at most `size` bytes and tells
// how many it would take, without the zero; real(list) is the call as the program made
// it. Silent: of what comes of a wrong argument nothing is told.
template <typename Make, typename Real>
[[gnu::noinline]] int format(const char* name, const void* frame, char* to,
                             std::size_t size, va_list list, bool silent, Make make,
                             Real real) {
  const std::size_t room = room_at(to);
  if (MEMOIR_LIKELY(size <= room || room == kUnbounded)) return real(list);
  va_list again;
  va_copy(again, list);
  char none = 0;
  const int length =
      room == 0 ? make(&none, std::size_t{1}, again) : make(to, room, again);
  va_end(again);
  const bool fits = length < 0 || static_cast<std::size_t>(length) < room;
  if (fits) return length;
  const std::size_t whole = static_cast<std::size_t>(length) + 1;
  SuspectCall call(name, frame);
  if (silent) call.go_on_silently();
  call.writes(to, whole < size ? whole : size);
  return real(list);
}

// Wide functions do not say how much room they lacked: what is told of is one character.
template <typename Make, typename Real>
[[gnu::noinline]] int format_wide(const char* name, const void* frame, wchar_t* to,
                                  std::size_t size, va_list list, Make make, Real real) {
  const std::size_t bytes = room_at(to);
  const std::size_t room = bytes / sizeof(wchar_t);
  if (MEMOIR_LIKELY(bytes == kUnbounded || size <= room)) return real(list);
  if (room != 0) {
    const int saved_errno = errno;
    errno = 0;
    va_list again;
    va_copy(again, list);
    const int length = make(to, room, again);
    va_end(again);
    if (length >= 0) errno = saved_errno;
    if (length >= 0 || errno == EILSEQ) return length;
    errno = saved_errno;
  }
  SuspectCall call(name, frame);
  call.writes(to, (room + 1) * sizeof(wchar_t));
  const int length = real(list);
  const std::size_t written = length < 0 ? size : static_cast<std::size_t>(length) + 1;
  call.has_written(written * sizeof(wchar_t));
  return length;
}

}  // namespace
}  // namespace memoir

using memoir::g_libc;
using memoir::kUnbounded;

namespace {

int format_plain(const char* name, const void* frame, char* to, const char* text,
                 va_list list) {
  return memoir::after_arguments(name, frame, text, list, [=](bool silent) {
    return memoir::format(
        name, frame, to, kUnbounded - 1, list, silent,
        [=](char* at, std::size_t room, va_list values) {
          return g_libc.vsnprintf(at, room, text, values);
        },
        [=](va_list values) { return g_libc.vsprintf(to, text, values); });
  });
}

int format_limited(const char* name, const void* frame, char* to, std::size_t size,
                   const char* text, va_list list) {
  return memoir::after_arguments(name, frame, text, list, [=](bool silent) {
    return memoir::format(
        name, frame, to, size, list, silent,
        [=](char* at, std::size_t room, va_list values) {
          return g_libc.vsnprintf(at, room, text, values);
        },
        [=](va_list values) { return g_libc.vsnprintf(to, size, text, values); });
  });
}

int format_plain_fortified(const char* name, const void* frame, char* to, int flag,
                           std::size_t known, const char* text, va_list list) {
  return memoir::after_arguments(name, frame, text, list, [=](bool silent) {
    return memoir::format(
        name, frame, to, kUnbounded - 1, list, silent,
        [=](char* at, std::size_t room, va_list values) {
          return g_libc.__vsnprintf_chk(at, room, flag, room, text, values);
        },
        [=](va_list values) {
          return g_libc.__vsprintf_chk(to, flag, known, text, values);
        });
  });
}

int format_limited_fortified(const char* name, const void* frame, char* to,
                             std::size_t size, int flag, std::size_t known,
                             const char* text, va_list list) {
  return memoir::after_arguments(name, frame, text, list, [=](bool silent) {
    return memoir::format(
        name, frame, to, size, list, silent,
        [=](char* at, std::size_t room, va_list values) {
          return g_libc.__vsnprintf_chk(at, room, flag, room, text, values);
        },
        [=](va_list values) {
          return g_libc.__vsnprintf_chk(to, size, flag, known, text, values);
        });
  });
}

int format_wide_plain(const char* name, const void* frame, wchar_t* to, std::size_t size,
                      const wchar_t* text, va_list list) {
  return memoir::format_wide(
      name, frame, to, size, list,
      [=](wchar_t* at, std::size_t room, va_list values) {
        return g_libc.vswprintf(at, room, text, values);
      },
      [=](va_list values) { return g_libc.vswprintf(to, size, text, values); });
}

int format_wide_fortified(const char* name, const void* frame, wchar_t* to,
                          std::size_t size, int flag, std::size_t known,
                          const wchar_t* text, va_list list) {
  return memoir::format_wide(
      name, frame, to, size, list,
      [=](wchar_t* at, std::size_t room, va_list values) {
        return g_libc.__vswprintf_chk(at, room, flag, room, text, values);
      },
      [=](va_list values) {
        return g_libc.__vswprintf_chk(to, size, flag, known, text, values);
      });
}

}  // namespace

// Both forms of a function: with a list of values, and with `...`.
#define MEMOIR_FORMAT(name, shown, listed, listed_shown, parameters, variable, last, \
                      call)                                                          \
  MEMOIR_INTERCEPTOR(int, listed, parameters) {                                      \
    [[maybe_unused]] const char* const self = listed_shown;                          \
    [[maybe_unused]] const void* const frame = MEMOIR_FRAME;                         \
    return call;                                                                     \
  }                                                                                  \
  MEMOIR_INTERCEPTOR(int, name, variable) {                                          \
    [[maybe_unused]] const char* const self = shown;                                 \
    [[maybe_unused]] const void* const frame = MEMOIR_FRAME;                         \
    va_list list;                                                                    \
    va_start(list, last);                                                            \
    const int length = call;                                                         \
    va_end(list);                                                                    \
    return length;                                                                   \
  }

MEMOIR_FORMAT(sprintf, "sprintf", vsprintf, "vsprintf",
              (char* to, const char* text, va_list list),
              (char* to, const char* text, ...), text,
              format_plain(self, frame, to, text, list))
MEMOIR_FORMAT(snprintf, "snprintf", vsnprintf, "vsnprintf",
              (char* to, std::size_t size, const char* text, va_list list),
              (char* to, std::size_t size, const char* text, ...), text,
              format_limited(self, frame, to, size, text, list))
MEMOIR_FORMAT(swprintf, "swprintf", vswprintf, "vswprintf",
              (wchar_t * to, std::size_t size, const wchar_t* text, va_list list),
              (wchar_t * to, std::size_t size, const wchar_t* text, ...), text,
              format_wide_plain(self, frame, to, size, text, list))
MEMOIR_FORMAT(__sprintf_chk, "sprintf", __vsprintf_chk, "vsprintf",
              (char* to, int flag, std::size_t known, const char* text, va_list list),
              (char* to, int flag, std::size_t known, const char* text, ...), text,
              format_plain_fortified(self, frame, to, flag, known, text, list))
MEMOIR_FORMAT(__snprintf_chk, "snprintf", __vsnprintf_chk, "vsnprintf",
              (char* to, std::size_t size, int flag, std::size_t known, const char* text,
               va_list list),
              (char* to, std::size_t size, int flag, std::size_t known, const char* text,
               ...),
              text,
              format_limited_fortified(self, frame, to, size, flag, known, text, list))
MEMOIR_FORMAT(__swprintf_chk, "swprintf", __vswprintf_chk, "vswprintf",
              (wchar_t * to, std::size_t size, int flag, std::size_t known,
               const wchar_t* text, va_list list),
              (wchar_t * to, std::size_t size, int flag, std::size_t known,
               const wchar_t* text, ...),
              text, format_wide_fortified(self, frame, to, size, flag, known, text, list))

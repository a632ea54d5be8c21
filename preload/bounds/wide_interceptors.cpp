// wmem* and wcs*, as mem* and str* are; sizes are characters of four bytes.

#include "bounds/string_range.h"

namespace memoir {
namespace {

// What does not fit in a size fits in no block either.
MEMOIR_FAST_PATH std::size_t bytes_of(std::size_t characters) {
  std::size_t bytes = 0;
  return __builtin_mul_overflow(characters, sizeof(wchar_t), &bytes) ? kUnbounded - 1
                                                                     : bytes;
}

MEMOIR_FAST_PATH bool is_sound(const void* at, std::size_t size) {
  return MEMOIR_LIKELY(size <= room_at(at));
}

// Looks at a copy of so many characters, and calls real().
template <typename Real>
MEMOIR_FAST_PATH wchar_t* copy_wide(const char* name, const void* frame, wchar_t* to,
                                    const wchar_t* from, std::size_t count,
                                    bool may_overlap, Real real) {
  const std::size_t size = bytes_of(count);
  if (is_sound(to, size) && is_sound(from, size) &&
      (may_overlap || !overlap(to, from, size))) {
    return real();
  }
  SuspectCall call(name, frame);
  call.reads(from, size);
  call.writes(to, size);
  if (!may_overlap) call.copies(to, from, size);
  return real();
}

}  // namespace
}  // namespace memoir

using memoir::are_foreign;
using memoir::copy_string;
using memoir::copy_wide;
using memoir::g_libc;
using memoir::kUnbounded;
using memoir::read_string;
using memoir::SuspectCall;
using Copy = memoir::StringCopy<wchar_t>;

// Copies of a given length, and their fortified twins.
#define MEMOIR_WIDE_COPY(name, may_overlap)                                          \
  MEMOIR_INTERCEPTOR(wchar_t*, name,                                                 \
                     (wchar_t * to, const wchar_t* from, std::size_t count)) {       \
    return copy_wide(#name, MEMOIR_FRAME, to, from, count, may_overlap,              \
                     [=] { return g_libc.name(to, from, count); });                  \
  }                                                                                  \
  MEMOIR_INTERCEPTOR(                                                                \
      wchar_t*, __##name##_chk,                                                      \
      (wchar_t * to, const wchar_t* from, std::size_t count, std::size_t known)) {   \
    return copy_wide(#name, MEMOIR_FRAME, to, from, count, may_overlap,              \
                     [=] { return g_libc.__##name##_chk(to, from, count, known); }); \
  }

MEMOIR_WIDE_COPY(wmemcpy, false)
MEMOIR_WIDE_COPY(wmempcpy, false)
MEMOIR_WIDE_COPY(wmemmove, true)

// Copies of strings.
#define MEMOIR_WIDE_STRING(name, appends)                                        \
  MEMOIR_INTERCEPTOR(wchar_t*, name, (wchar_t * to, const wchar_t* from)) {      \
    if (are_foreign(to, from)) return g_libc.name(to, from);                     \
    return copy_string(#name, MEMOIR_FRAME, Copy{to, from, kUnbounded, appends}, \
                       [=] { return g_libc.name(to, from); });                   \
  }                                                                              \
  MEMOIR_INTERCEPTOR(wchar_t*, __##name##_chk,                                   \
                     (wchar_t * to, const wchar_t* from, std::size_t known)) {   \
    if (are_foreign(to, from)) return g_libc.__##name##_chk(to, from, known);    \
    return copy_string(#name, MEMOIR_FRAME, Copy{to, from, kUnbounded, appends}, \
                       [=] { return g_libc.__##name##_chk(to, from, known); });  \
  }
#define MEMOIR_WIDE_LIMITED(name, appends, pads)                                      \
  MEMOIR_INTERCEPTOR(wchar_t*, name,                                                  \
                     (wchar_t * to, const wchar_t* from, std::size_t most)) {         \
    if (are_foreign(to, from)) return g_libc.name(to, from, most);                    \
    return copy_string(#name, MEMOIR_FRAME, Copy{to, from, most, appends, pads},      \
                       [=] { return g_libc.name(to, from, most); });                  \
  }                                                                                   \
  MEMOIR_INTERCEPTOR(                                                                 \
      wchar_t*, __##name##_chk,                                                       \
      (wchar_t * to, const wchar_t* from, std::size_t most, std::size_t known)) {     \
    if (are_foreign(to, from)) return g_libc.__##name##_chk(to, from, most, known);   \
    return copy_string(#name, MEMOIR_FRAME, Copy{to, from, most, appends, pads},      \
                       [=] { return g_libc.__##name##_chk(to, from, most, known); }); \
  }

MEMOIR_WIDE_STRING(wcscpy, false)
MEMOIR_WIDE_STRING(wcpcpy, false)
MEMOIR_WIDE_STRING(wcscat, true)
MEMOIR_WIDE_LIMITED(wcsncpy, false, true)
MEMOIR_WIDE_LIMITED(wcsncat, true, false)

MEMOIR_INTERCEPTOR(wchar_t*, wmemset,
                   (wchar_t * to, wchar_t character, std::size_t count)) {
  const std::size_t size = memoir::bytes_of(count);
  if (memoir::is_sound(to, size)) return g_libc.wmemset(to, character, count);
  SuspectCall call("wmemset", MEMOIR_FRAME);
  call.writes(to, size);
  return g_libc.wmemset(to, character, count);
}

MEMOIR_INTERCEPTOR(wchar_t*, __wmemset_chk,
                   (wchar_t * to, wchar_t character, std::size_t count,
                    std::size_t known)) {
  const std::size_t size = memoir::bytes_of(count);
  if (memoir::is_sound(to, size)) {
    return g_libc.__wmemset_chk(to, character, count, known);
  }
  SuspectCall call("wmemset", MEMOIR_FRAME);
  call.writes(to, size);
  return g_libc.__wmemset_chk(to, character, count, known);
}

MEMOIR_INTERCEPTOR(wchar_t*, wmemchr,
                   (const wchar_t* in, wchar_t character, std::size_t count)) {
  const std::size_t room = memoir::characters_at(in);
  if (MEMOIR_LIKELY(count <= room)) return g_libc.wmemchr(in, character, count);
  if (wchar_t* found = g_libc.wmemchr(in, character, room)) return found;
  SuspectCall call("wmemchr", MEMOIR_FRAME);
  call.reads(in, memoir::bytes_of(count));
  return g_libc.wmemchr(in, character, count);
}

MEMOIR_INTERCEPTOR(std::size_t, wcslen, (const wchar_t* text)) {
  if (MEMOIR_LIKELY(memoir::room_at(text) == kUnbounded)) return g_libc.wcslen(text);
  return read_string("wcslen", MEMOIR_FRAME, text, kUnbounded,
                     [=] { return g_libc.wcslen(text); });
}

MEMOIR_INTERCEPTOR(wchar_t*, wcsdup, (const wchar_t* text)) {
  return read_string("wcsdup", MEMOIR_FRAME, text, kUnbounded,
                     [=] { return g_libc.wcsdup(text); });
}

#pragma once

// Strings as the interceptors see them: measured, but not beyond the block they lie in.
// For char and wchar_t.
//
// Thread safety and signals: everything from anywhere.

#include "bounds/heap_view.h"
#include "bounds/real_functions.h"

namespace memoir {

// A string's length, and whether it ends there: at its zero, or where it was not to be
// read on. Otherwise its block ended first.
struct Measured {
  std::size_t length = 0;
  bool ended = false;
};

inline const void* find_zero(const char* text, std::size_t size) {
  return g_libc.memchr(text, 0, size);
}
inline const void* find_zero(const wchar_t* text, std::size_t size) {
  return g_libc.wmemchr(text, 0, size);
}
inline std::size_t real_length(const char* text) { return g_libc.strlen(text); }
inline std::size_t real_length(const wchar_t* text) { return g_libc.wcslen(text); }

template <typename Char>
std::size_t characters_at(const Char* at) {
  const std::size_t room = room_at(at);
  return room == kUnbounded ? kUnbounded : room / sizeof(Char);
}

// At most `most` characters are read.
template <typename Char>
Measured measure(const Char* text, std::size_t most = kUnbounded) {
  const std::size_t room = characters_at(text);
  const std::size_t limit = most < room ? most : room;
  if (limit == kUnbounded) return {real_length(text), true};
  const auto* zero = static_cast<const Char*>(find_zero(text, limit));
  if (zero != nullptr) return {static_cast<std::size_t>(zero - text), true};
  return {limit, limit == most};
}

// Neither is in the heap: nothing is known of them.
MEMOIR_FAST_PATH bool are_foreign(const void* a, const void* b) {
  return MEMOIR_LIKELY(room_at(a) == kUnbounded && room_at(b) == kUnbounded);
}

// Tells of a string that does not end in its block; `length` characters of it do.
template <typename Char>
void tell_unterminated(SuspectCall& call, const Char* text, std::size_t length) {
  call.reads(text, (length + 1) * sizeof(Char));
  call.go_on_silently();
}

// A string that is copied, or appended to another.
template <typename Char>
struct StringCopy {
  Char* to;
  const Char* from;
  std::size_t most = kUnbounded;  // characters of the source
  bool appends = false;
  bool pads = false;  // up to `most`, and ends with no zero where there is no room for it
};

// Looks at a copy, and calls real(), which makes it.
template <typename Char, typename Real>
[[gnu::noinline]] auto copy_string(const char* name, const void* frame,
                                   const StringCopy<Char>& copy, Real real) {
  const Measured source = measure(copy.from, copy.most);
  const Measured before = copy.appends ? measure(copy.to) : Measured{0, true};
  Char* const to = copy.to + before.length;
  const auto written_of = [&](std::size_t length) {
    return (copy.pads ? copy.most : length + 1) * sizeof(Char);
  };
  const std::size_t written = written_of(source.length);
  const std::size_t copied =
      (copy.pads ? source.length : source.length + 1) * sizeof(Char);
  if (MEMOIR_LIKELY(source.ended && before.ended && written <= room_at(to) &&
                    !overlap(to, copy.from, copied))) {
    return real();
  }
  SuspectCall call(name, frame);
  if (!before.ended) {
    tell_unterminated(call, copy.to, before.length);
    return real();
  }
  if (source.ended) {
    call.writes(to, written);
    call.copies(to, copy.from, copied);
    return real();
  }
  tell_unterminated(call, copy.from, source.length);
  const std::size_t length = real_length(copy.from);
  call.writes(to, written_of(length < copy.most ? length : copy.most));
  return real();
}

// Looks at a string that is read to its end, and calls real().
template <typename Char, typename Real>
[[gnu::noinline]] auto read_string(const char* name, const void* frame, const Char* text,
                                   std::size_t most, Real real) {
  const Measured measured = measure(text, most);
  if (MEMOIR_LIKELY(measured.ended)) return real();
  SuspectCall call(name, frame);
  tell_unterminated(call, text, measured.length);
  return real();
}

}  // namespace memoir

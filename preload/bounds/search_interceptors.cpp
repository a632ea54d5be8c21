// Searches in strings, and what cuts them into words. Each reads as far as it must, and
// no farther: a text that does not end in its block is sound where the search ends
// before.

#include "bounds/string_range.h"

namespace memoir {
namespace {

// Pieces that grow: a search that ends soon must not read all of a long text.
constexpr std::size_t kFirstPiece = 64;

// Whether a text ends so soon that this may be asked before it is searched.
bool ends_soon(const char* text, std::size_t room) {
  constexpr std::size_t kSoon = 1024;
  return g_libc.memchr(text, 0, room < kSoon ? room : kSoon) != nullptr;
}

// A text within `room` bytes. False when neither it nor the end of the string is there.
bool find_text(const char* text, std::size_t room, const char* wanted, std::size_t length,
               char*& found) {
  const std::size_t overlap = length == 0 ? 0 : length - 1;
  std::size_t piece = kFirstPiece;
  for (std::size_t at = 0; at < room; at += piece, piece *= 2) {
    const std::size_t size = piece < room - at ? piece : room - at;
    const auto* zero = static_cast<const char*>(g_libc.memchr(text + at, 0, size));
    const std::size_t end =
        zero == nullptr ? at + size : static_cast<std::size_t>(zero - text);
    // What begins in the piece before may end in this one.
    const std::size_t begin = at > overlap ? at - overlap : 0;
    found = static_cast<char*>(g_libc.memmem(text + begin, end - begin, wanted, length));
    if (found != nullptr || zero != nullptr) return true;
  }
  return false;
}

// Characters, as a table of all there are.
class Set {
 public:
  explicit Set(const char* characters) {
    for (; *characters != '\0'; ++characters) {
      const auto at = static_cast<unsigned char>(*characters);
      words_[at / 64] |= std::uint64_t{1} << at % 64;
    }
  }
  bool has(char character) const {
    const auto at = static_cast<unsigned char>(character);
    return (words_[at / 64] >> at % 64 & 1) != 0;
  }

 private:
  std::uint64_t words_[4] = {};
};

// How many characters there are until one that is in the set (or is not), or the end of
// the string. Not ended: `room` was used up before.
Measured span(const char* text, std::size_t room, const Set& set, bool until_in) {
  for (std::size_t i = 0; i < room; ++i) {
    if (text[i] == '\0' || set.has(text[i]) == until_in) return {i, true};
  }
  return {room, false};
}

// A text that is looked at as far as its first word, behind delimiters where `skips`.
bool is_word_sound(const char* text, const Set& delimiters, bool skips) {
  std::size_t room = room_at(text);
  if (room == kUnbounded) return true;
  if (skips) {
    const Measured before = span(text, room, delimiters, false);
    if (!before.ended) return false;
    text += before.length;
    room -= before.length;
  }
  return span(text, room, delimiters, true).ended;
}

// Tells of a set of characters that does not end in its block, or else of the text.
void tell_search(SuspectCall& call, const char* text, const char* set) {
  const Measured measured = measure(set);
  if (!measured.ended) return tell_unterminated(call, set, measured.length);
  call.reads(text, room_at(text) + 1);
}

// A function that looks for characters of a set, or for others, and calls real().
template <typename Real>
[[gnu::noinline]] auto search_set(const char* name, const void* frame, const char* text,
                                  const char* set, bool until_in, Real real) {
  const std::size_t room = room_at(text);
  if (MEMOIR_LIKELY(measure(set).ended &&
                    (room == kUnbounded || span(text, room, Set(set), until_in).ended))) {
    return real();
  }
  SuspectCall call(name, frame);
  tell_search(call, text, set);
  return real();
}

// One that cuts the first word off a text, which may be none.
template <typename Real>
[[gnu::noinline]] char* cut_word(const char* name, const void* frame, const char* text,
                                 const char* delimiters, bool skips, Real real) {
  if (text == nullptr ||
      (measure(delimiters).ended && is_word_sound(text, Set(delimiters), skips))) {
    return real();
  }
  SuspectCall call(name, frame);
  tell_search(call, text, delimiters);
  return real();
}

// Where strtok() goes on. It is one for all threads, as libc's is.
constinit char* g_rest = nullptr;

char* cut_token(const char* name, const void* frame, char* text, const char* delimiters,
                char** rest) {
  const char* const at = text != nullptr ? text : *rest;
  if (are_foreign(at, delimiters)) return g_libc.strtok_r(text, delimiters, rest);
  return cut_word(name, frame, at, delimiters, true,
                  [=] { return g_libc.strtok_r(text, delimiters, rest); });
}

}  // namespace
}  // namespace memoir

using memoir::are_foreign;
using memoir::cut_token;
using memoir::g_libc;
using memoir::kUnbounded;
using memoir::read_string;
using memoir::room_at;
using memoir::search_set;
using memoir::SuspectCall;

MEMOIR_INTERCEPTOR(char*, strstr, (const char* text, const char* wanted)) {
  if (are_foreign(text, wanted)) return g_libc.strstr(text, wanted);
  const std::size_t room = room_at(text);
  const memoir::Measured length = memoir::measure(wanted);
  if (length.ended) {
    if (room == kUnbounded || memoir::ends_soon(text, room)) {
      return g_libc.strstr(text, wanted);
    }
    char* found = nullptr;
    if (memoir::find_text(text, room, wanted, length.length, found)) return found;
  }
  SuspectCall call("strstr", MEMOIR_FRAME);
  memoir::tell_search(call, text, wanted);
  return g_libc.strstr(text, wanted);
}

MEMOIR_INTERCEPTOR(char*, strcasestr, (const char* text, const char* wanted)) {
  if (are_foreign(text, wanted)) return g_libc.strcasestr(text, wanted);
  return read_string("strcasestr", MEMOIR_FRAME, wanted, kUnbounded, [=] {
    return read_string("strcasestr", MEMOIR_FRAME, text, kUnbounded,
                       [=] { return g_libc.strcasestr(text, wanted); });
  });
}

MEMOIR_INTERCEPTOR(void*, memmem,
                   (const void* in, std::size_t size, const void* wanted,
                    std::size_t length)) {
  const std::size_t room = room_at(in);
  if (MEMOIR_LIKELY(size <= room && length <= room_at(wanted))) {
    return g_libc.memmem(in, size, wanted, length);
  }
  SuspectCall call("memmem", MEMOIR_FRAME);
  if (length > room_at(wanted)) {
    call.reads(wanted, length);
  } else if (void* found = g_libc.memmem(in, room, wanted, length)) {
    return found;
  }
  if (size > room) call.reads(in, size);
  return g_libc.memmem(in, size, wanted, length);
}

MEMOIR_INTERCEPTOR(std::size_t, strspn, (const char* text, const char* set)) {
  if (are_foreign(text, set)) return g_libc.strspn(text, set);
  return search_set("strspn", MEMOIR_FRAME, text, set, false,
                    [=] { return g_libc.strspn(text, set); });
}

MEMOIR_INTERCEPTOR(std::size_t, strcspn, (const char* text, const char* set)) {
  if (are_foreign(text, set)) return g_libc.strcspn(text, set);
  return search_set("strcspn", MEMOIR_FRAME, text, set, true,
                    [=] { return g_libc.strcspn(text, set); });
}

MEMOIR_INTERCEPTOR(char*, strpbrk, (const char* text, const char* set)) {
  if (are_foreign(text, set)) return g_libc.strpbrk(text, set);
  return search_set("strpbrk", MEMOIR_FRAME, text, set, true,
                    [=] { return g_libc.strpbrk(text, set); });
}

MEMOIR_INTERCEPTOR(char*, strtok, (char* text, const char* delimiters)) {
  return cut_token("strtok", MEMOIR_FRAME, text, delimiters, &memoir::g_rest);
}

MEMOIR_INTERCEPTOR(char*, strtok_r, (char* text, const char* delimiters, char** rest)) {
  return cut_token("strtok_r", MEMOIR_FRAME, text, delimiters, rest);
}

MEMOIR_INTERCEPTOR(char*, __strtok_r, (char* text, const char* delimiters, char** rest)) {
  return cut_token("strtok_r", MEMOIR_FRAME, text, delimiters, rest);
}

MEMOIR_INTERCEPTOR(char*, strsep, (char** text, const char* delimiters)) {
  const char* const at = *text;
  if (are_foreign(at, delimiters)) return g_libc.strsep(text, delimiters);
  return memoir::cut_word("strsep", MEMOIR_FRAME, at, delimiters, false,
                          [=] { return g_libc.strsep(text, delimiters); });
}

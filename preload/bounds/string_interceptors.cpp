// str* and their like. A search or a comparison reads as far as it must, and no farther.

#include "bounds/string_range.h"

namespace memoir {
namespace {

// Pieces that grow: a search that ends soon must not read all of a long text.
constexpr std::size_t kFirstPiece = 64;

// The first such character of a string within `room` bytes. False when neither it nor
// the end of the string is among them.
bool find_character(const char* text, int byte, std::size_t room, char*& found) {
  std::size_t piece = kFirstPiece;
  for (std::size_t at = 0; at < room; at += piece, piece *= 2) {
    const std::size_t size = piece < room - at ? piece : room - at;
    const auto* zero = static_cast<const char*>(g_libc.memchr(text + at, 0, size));
    const std::size_t within =
        zero == nullptr ? size : static_cast<std::size_t>(zero - (text + at)) + 1;
    found = static_cast<char*>(g_libc.memchr(text + at, byte, within));
    if (found != nullptr || zero != nullptr) return true;
  }
  return false;
}

// Compares two strings, at least one of the heap. `limited` compares at most as many
// characters as it is told, `real` makes the whole comparison.
template <typename Limited, typename Real>
[[gnu::noinline]] int compare_strings(const char* name, const void* frame, const char* a,
                                      const char* b, std::size_t most, Limited limited,
                                      Real real) {
  const std::size_t room_a = room_at(a);
  const std::size_t room_b = room_at(b);
  const std::size_t room = room_a < room_b ? room_a : room_b;
  if (most <= room) return real();
  if (room != 0) {
    if (const int difference = limited(a, b, room)) return difference;
    if (g_libc.memchr(a, 0, room) != nullptr) return 0;
  }
  SuspectCall call(name, frame);
  if (room_a == room) call.reads(a, room + 1);
  if (room_b == room) call.reads(b, room + 1);
  return real();
}

}  // namespace
}  // namespace memoir

using memoir::are_foreign;
using memoir::compare_strings;
using memoir::copy_string;
using memoir::g_libc;
using memoir::kUnbounded;
using memoir::read_string;
using memoir::room_at;
using memoir::SuspectCall;
using Copy = memoir::StringCopy<char>;

MEMOIR_INTERCEPTOR(std::size_t, strlen, (const char* text)) {
  const std::size_t room = room_at(text);
  if (MEMOIR_LIKELY(room == kUnbounded)) return g_libc.strlen(text);
  if (const void* zero = g_libc.memchr(text, 0, room)) {
    return static_cast<std::size_t>(static_cast<const char*>(zero) - text);
  }
  SuspectCall call("strlen", MEMOIR_FRAME);
  call.reads(text, room + 1);
  return g_libc.strlen(text);
}

MEMOIR_INTERCEPTOR(std::size_t, strnlen, (const char* text, std::size_t most)) {
  if (MEMOIR_LIKELY(most <= room_at(text))) return g_libc.strnlen(text, most);
  return read_string("strnlen", MEMOIR_FRAME, text, most,
                     [=] { return g_libc.strnlen(text, most); });
}

MEMOIR_INTERCEPTOR(char*, strcpy, (char* to, const char* from)) {
  if (are_foreign(to, from)) return g_libc.strcpy(to, from);
  return copy_string("strcpy", MEMOIR_FRAME, Copy{to, from},
                     [=] { return g_libc.strcpy(to, from); });
}

MEMOIR_INTERCEPTOR(char*, stpcpy, (char* to, const char* from)) {
  if (are_foreign(to, from)) return g_libc.stpcpy(to, from);
  return copy_string("stpcpy", MEMOIR_FRAME, Copy{to, from},
                     [=] { return g_libc.stpcpy(to, from); });
}

MEMOIR_INTERCEPTOR(char*, __stpcpy, (char* to, const char* from)) {
  if (are_foreign(to, from)) return g_libc.stpcpy(to, from);
  return copy_string("stpcpy", MEMOIR_FRAME, Copy{to, from},
                     [=] { return g_libc.stpcpy(to, from); });
}

MEMOIR_INTERCEPTOR(char*, strncpy, (char* to, const char* from, std::size_t most)) {
  if (are_foreign(to, from)) return g_libc.strncpy(to, from, most);
  return copy_string("strncpy", MEMOIR_FRAME, Copy{to, from, most, false, true},
                     [=] { return g_libc.strncpy(to, from, most); });
}

MEMOIR_INTERCEPTOR(char*, stpncpy, (char* to, const char* from, std::size_t most)) {
  if (are_foreign(to, from)) return g_libc.stpncpy(to, from, most);
  return copy_string("stpncpy", MEMOIR_FRAME, Copy{to, from, most, false, true},
                     [=] { return g_libc.stpncpy(to, from, most); });
}

MEMOIR_INTERCEPTOR(char*, strcat, (char* to, const char* from)) {
  if (are_foreign(to, from)) return g_libc.strcat(to, from);
  return copy_string("strcat", MEMOIR_FRAME, Copy{to, from, kUnbounded, true},
                     [=] { return g_libc.strcat(to, from); });
}

MEMOIR_INTERCEPTOR(char*, strncat, (char* to, const char* from, std::size_t most)) {
  if (are_foreign(to, from)) return g_libc.strncat(to, from, most);
  return copy_string("strncat", MEMOIR_FRAME, Copy{to, from, most, true},
                     [=] { return g_libc.strncat(to, from, most); });
}

MEMOIR_INTERCEPTOR(char*, strdup, (const char* text)) {
  return read_string("strdup", MEMOIR_FRAME, text, kUnbounded,
                     [=] { return g_libc.strdup(text); });
}

MEMOIR_INTERCEPTOR(char*, __strdup, (const char* text)) {
  return read_string("strdup", MEMOIR_FRAME, text, kUnbounded,
                     [=] { return g_libc.strdup(text); });
}

MEMOIR_INTERCEPTOR(char*, strndup, (const char* text, std::size_t most)) {
  return read_string("strndup", MEMOIR_FRAME, text, most,
                     [=] { return g_libc.strndup(text, most); });
}

MEMOIR_INTERCEPTOR(char*, __strndup, (const char* text, std::size_t most)) {
  return read_string("strndup", MEMOIR_FRAME, text, most,
                     [=] { return g_libc.strndup(text, most); });
}

MEMOIR_INTERCEPTOR(char*, strchr, (const char* text, int byte)) {
  const std::size_t room = room_at(text);
  if (MEMOIR_LIKELY(room == kUnbounded)) return g_libc.strchr(text, byte);
  char* found = nullptr;
  if (memoir::find_character(text, byte, room, found)) return found;
  SuspectCall call("strchr", MEMOIR_FRAME);
  call.reads(text, room + 1);
  return g_libc.strchr(text, byte);
}

MEMOIR_INTERCEPTOR(char*, strrchr, (const char* text, int byte)) {
  if (MEMOIR_LIKELY(room_at(text) == kUnbounded)) return g_libc.strrchr(text, byte);
  return read_string("strrchr", MEMOIR_FRAME, text, kUnbounded,
                     [=] { return g_libc.strrchr(text, byte); });
}

MEMOIR_INTERCEPTOR(int, strcmp, (const char* a, const char* b)) {
  if (are_foreign(a, b)) return g_libc.strcmp(a, b);
  return compare_strings("strcmp", MEMOIR_FRAME, a, b, kUnbounded, g_libc.strncmp,
                         [=] { return g_libc.strcmp(a, b); });
}

MEMOIR_INTERCEPTOR(int, strncmp, (const char* a, const char* b, std::size_t most)) {
  if (are_foreign(a, b)) return g_libc.strncmp(a, b, most);
  return compare_strings("strncmp", MEMOIR_FRAME, a, b, most, g_libc.strncmp,
                         [=] { return g_libc.strncmp(a, b, most); });
}

MEMOIR_INTERCEPTOR(int, strcasecmp, (const char* a, const char* b)) {
  if (are_foreign(a, b)) return g_libc.strcasecmp(a, b);
  return compare_strings("strcasecmp", MEMOIR_FRAME, a, b, kUnbounded, g_libc.strncasecmp,
                         [=] { return g_libc.strcasecmp(a, b); });
}

MEMOIR_INTERCEPTOR(int, strncasecmp, (const char* a, const char* b, std::size_t most)) {
  if (are_foreign(a, b)) return g_libc.strncasecmp(a, b, most);
  return compare_strings("strncasecmp", MEMOIR_FRAME, a, b, most, g_libc.strncasecmp,
                         [=] { return g_libc.strncasecmp(a, b, most); });
}

MEMOIR_INTERCEPTOR(char*, __strcpy_chk, (char* to, const char* from, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__strcpy_chk(to, from, known);
  return copy_string("strcpy", MEMOIR_FRAME, Copy{to, from},
                     [=] { return g_libc.__strcpy_chk(to, from, known); });
}

MEMOIR_INTERCEPTOR(char*, __stpcpy_chk, (char* to, const char* from, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__stpcpy_chk(to, from, known);
  return copy_string("stpcpy", MEMOIR_FRAME, Copy{to, from},
                     [=] { return g_libc.__stpcpy_chk(to, from, known); });
}

MEMOIR_INTERCEPTOR(char*, __strncpy_chk,
                   (char* to, const char* from, std::size_t most, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__strncpy_chk(to, from, most, known);
  return copy_string("strncpy", MEMOIR_FRAME, Copy{to, from, most, false, true},
                     [=] { return g_libc.__strncpy_chk(to, from, most, known); });
}

MEMOIR_INTERCEPTOR(char*, __stpncpy_chk,
                   (char* to, const char* from, std::size_t most, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__stpncpy_chk(to, from, most, known);
  return copy_string("stpncpy", MEMOIR_FRAME, Copy{to, from, most, false, true},
                     [=] { return g_libc.__stpncpy_chk(to, from, most, known); });
}

MEMOIR_INTERCEPTOR(char*, __strcat_chk, (char* to, const char* from, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__strcat_chk(to, from, known);
  return copy_string("strcat", MEMOIR_FRAME, Copy{to, from, kUnbounded, true},
                     [=] { return g_libc.__strcat_chk(to, from, known); });
}

MEMOIR_INTERCEPTOR(char*, __strncat_chk,
                   (char* to, const char* from, std::size_t most, std::size_t known)) {
  if (are_foreign(to, from)) return g_libc.__strncat_chk(to, from, most, known);
  return copy_string("strncat", MEMOIR_FRAME, Copy{to, from, most, true},
                     [=] { return g_libc.__strncat_chk(to, from, most, known); });
}

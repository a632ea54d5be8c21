// mem* and their like. Ranges are taken at the caller's word; but a search that ends
// before the end of the range is one of no more than that.

#include "bounds/heap_view.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

MEMOIR_FAST_PATH bool is_sound(const void* at, std::size_t size) {
  return MEMOIR_LIKELY(size <= room_at(at));
}

MEMOIR_FAST_PATH bool is_sound_copy(const void* to, const void* from, std::size_t size) {
  return is_sound(to, size) && is_sound(from, size) &&
         MEMOIR_LIKELY(!overlap(to, from, size));
}

MEMOIR_SLOW_PATH void judge_copy(SuspectCall& call, void* to, const void* from,
                                 std::size_t size) {
  call.reads(from, size);
  call.writes(to, size);
  call.copies(to, from, size);
}

using Copy = void* (*)(void*, const void*, std::size_t);
using Move = Copy;

// Ranges that overlap are copied as memmove() does: what libc makes of them otherwise
// depends on the processor.
MEMOIR_SLOW_PATH void* copy_suspect(const char* name, const void* frame, void* to,
                                    const void* from, std::size_t size) {
  SuspectCall call(name, frame);
  judge_copy(call, to, from, size);
  g_libc.memmove(to, from, size);
  return to;
}

// With what fortified functions know of the target's size: libc ends the program.
MEMOIR_SLOW_PATH void* copy_suspect_fortified(
    const char* name, const void* frame, void* to, const void* from, std::size_t size,
    std::size_t known, void* (*real)(void*, const void*, std::size_t, std::size_t)) {
  SuspectCall call(name, frame);
  judge_copy(call, to, from, size);
  return real(to, from, size, known);
}

MEMOIR_SLOW_PATH void* move_suspect(const char* name, const void* frame, void* to,
                                    const void* from, std::size_t size) {
  SuspectCall call(name, frame);
  call.reads(from, size);
  call.writes(to, size);
  return g_libc.memmove(to, from, size);
}

// Comparing ends at the first difference.
MEMOIR_FAST_PATH int compare(const char* name, const void* frame, const void* a,
                             const void* b, std::size_t size) {
  const std::size_t room_a = room_at(a);
  const std::size_t room_b = room_at(b);
  const std::size_t room = room_a < room_b ? room_a : room_b;
  if (MEMOIR_LIKELY(size <= room)) return g_libc.memcmp(a, b, size);
  if (const int difference = g_libc.memcmp(a, b, room)) return difference;
  SuspectCall call(name, frame);
  call.reads(a, size);
  call.reads(b, size);
  return g_libc.memcmp(a, b, size);
}

}  // namespace
}  // namespace memoir

using memoir::g_libc;
using memoir::is_sound;
using memoir::is_sound_copy;
using memoir::room_at;
using memoir::SuspectCall;

MEMOIR_INTERCEPTOR(void*, memcpy, (void* to, const void* from, std::size_t size)) {
  if (is_sound_copy(to, from, size)) return g_libc.memcpy(to, from, size);
  return memoir::copy_suspect("memcpy", MEMOIR_FRAME, to, from, size);
}

MEMOIR_INTERCEPTOR(void*, mempcpy, (void* to, const void* from, std::size_t size)) {
  if (is_sound_copy(to, from, size)) return g_libc.mempcpy(to, from, size);
  memoir::copy_suspect("mempcpy", MEMOIR_FRAME, to, from, size);
  return static_cast<char*>(to) + size;
}

MEMOIR_INTERCEPTOR(void*, __mempcpy, (void* to, const void* from, std::size_t size)) {
  if (is_sound_copy(to, from, size)) return g_libc.mempcpy(to, from, size);
  memoir::copy_suspect("mempcpy", MEMOIR_FRAME, to, from, size);
  return static_cast<char*>(to) + size;
}

MEMOIR_INTERCEPTOR(void*, memmove, (void* to, const void* from, std::size_t size)) {
  if (is_sound(to, size) && is_sound(from, size)) return g_libc.memmove(to, from, size);
  return memoir::move_suspect("memmove", MEMOIR_FRAME, to, from, size);
}

MEMOIR_INTERCEPTOR(void, bcopy, (const void* from, void* to, std::size_t size)) {
  if (is_sound(to, size) && is_sound(from, size)) {
    g_libc.memmove(to, from, size);
  } else {
    memoir::move_suspect("bcopy", MEMOIR_FRAME, to, from, size);
  }
}

MEMOIR_INTERCEPTOR(void*, memccpy,
                   (void* to, const void* from, int byte, std::size_t size)) {
  const std::size_t room = room_at(from);
  const std::size_t bounded = size < room ? size : room;
  const void* found = g_libc.memchr(from, byte, bounded);
  const std::size_t copied =
      found == nullptr ? size
                       : static_cast<std::size_t>(static_cast<const char*>(found) -
                                                  static_cast<const char*>(from)) +
                             1;
  if (is_sound_copy(to, from, copied)) return g_libc.memccpy(to, from, byte, size);
  SuspectCall call("memccpy", MEMOIR_FRAME);
  memoir::judge_copy(call, to, from, copied);
  return g_libc.memccpy(to, from, byte, size);
}

MEMOIR_INTERCEPTOR(void*, memset, (void* to, int byte, std::size_t size)) {
  if (is_sound(to, size)) return g_libc.memset(to, byte, size);
  SuspectCall call("memset", MEMOIR_FRAME);
  call.writes(to, size);
  return g_libc.memset(to, byte, size);
}

MEMOIR_INTERCEPTOR(void, bzero, (void* to, std::size_t size)) {
  if (is_sound(to, size)) return g_libc.bzero(to, size);
  SuspectCall call("bzero", MEMOIR_FRAME);
  call.writes(to, size);
  g_libc.bzero(to, size);
}

MEMOIR_INTERCEPTOR(void, explicit_bzero, (void* to, std::size_t size)) {
  if (is_sound(to, size)) return g_libc.explicit_bzero(to, size);
  SuspectCall call("explicit_bzero", MEMOIR_FRAME);
  call.writes(to, size);
  g_libc.explicit_bzero(to, size);
}

MEMOIR_INTERCEPTOR(int, memcmp, (const void* a, const void* b, std::size_t size)) {
  return memoir::compare("memcmp", MEMOIR_FRAME, a, b, size);
}

MEMOIR_INTERCEPTOR(int, bcmp, (const void* a, const void* b, std::size_t size)) {
  return memoir::compare("bcmp", MEMOIR_FRAME, a, b, size);
}

MEMOIR_INTERCEPTOR(void*, memchr, (const void* in, int byte, std::size_t size)) {
  const std::size_t room = room_at(in);
  if (MEMOIR_LIKELY(size <= room)) return g_libc.memchr(in, byte, size);
  if (void* found = g_libc.memchr(in, byte, room)) return found;
  SuspectCall call("memchr", MEMOIR_FRAME);
  call.reads(in, size);
  return g_libc.memchr(in, byte, size);
}

MEMOIR_INTERCEPTOR(void*, memrchr, (const void* in, int byte, std::size_t size)) {
  if (is_sound(in, size)) return g_libc.memrchr(in, byte, size);
  SuspectCall call("memrchr", MEMOIR_FRAME);
  call.reads(in, size);
  return g_libc.memrchr(in, byte, size);
}

MEMOIR_INTERCEPTOR(void*, rawmemchr, (const void* in, int byte)) {
  const std::size_t room = room_at(in);
  if (MEMOIR_LIKELY(room == memoir::kUnbounded)) return g_libc.rawmemchr(in, byte);
  if (void* found = g_libc.memchr(in, byte, room)) return found;
  SuspectCall call("rawmemchr", MEMOIR_FRAME);
  call.reads(in, room + 1);
  return g_libc.rawmemchr(in, byte);
}

MEMOIR_INTERCEPTOR(void*, __memcpy_chk,
                   (void* to, const void* from, std::size_t size, std::size_t known)) {
  if (is_sound_copy(to, from, size)) return g_libc.__memcpy_chk(to, from, size, known);
  return memoir::copy_suspect_fortified("memcpy", MEMOIR_FRAME, to, from, size, known,
                                        g_libc.__memcpy_chk);
}

MEMOIR_INTERCEPTOR(void*, __mempcpy_chk,
                   (void* to, const void* from, std::size_t size, std::size_t known)) {
  if (is_sound_copy(to, from, size)) return g_libc.__mempcpy_chk(to, from, size, known);
  return memoir::copy_suspect_fortified("mempcpy", MEMOIR_FRAME, to, from, size, known,
                                        g_libc.__mempcpy_chk);
}

MEMOIR_INTERCEPTOR(void*, __memmove_chk,
                   (void* to, const void* from, std::size_t size, std::size_t known)) {
  if (is_sound(to, size) && is_sound(from, size)) {
    return g_libc.__memmove_chk(to, from, size, known);
  }
  SuspectCall call("memmove", MEMOIR_FRAME);
  call.reads(from, size);
  call.writes(to, size);
  return g_libc.__memmove_chk(to, from, size, known);
}

MEMOIR_INTERCEPTOR(void*, __memset_chk,
                   (void* to, int byte, std::size_t size, std::size_t known)) {
  if (is_sound(to, size)) return g_libc.__memset_chk(to, byte, size, known);
  SuspectCall call("memset", MEMOIR_FRAME);
  call.writes(to, size);
  return g_libc.__memset_chk(to, byte, size, known);
}

MEMOIR_INTERCEPTOR(void, __explicit_bzero_chk,
                   (void* to, std::size_t size, std::size_t known)) {
  if (is_sound(to, size)) return g_libc.__explicit_bzero_chk(to, size, known);
  SuspectCall call("explicit_bzero", MEMOIR_FRAME);
  call.writes(to, size);
  g_libc.__explicit_bzero_chk(to, size, known);
}

// stdio's blocks and lines. What is read is known when it was read: it is put into what
// is left of the block first, and only where there is more, told of and read on.

#include "bounds/heap_view.h"
#include "bounds/real_functions.h"
#include "bounds/string_range.h"

namespace memoir {
namespace {

using ReadBlock = std::size_t(void*, std::size_t, std::size_t, FILE*);
using ReadLine = char*(char*, int, FILE*);

// Whether a stream that was just read from has another byte.
bool has_more(FILE* stream) {
  const int next = getc(stream);
  if (next == EOF) return false;
  ungetc(next, stream);
  return true;
}

MEMOIR_SLOW_PATH std::size_t read_suspect(const char* name, const void* frame, void* to,
                                          std::size_t size, std::size_t count,
                                          FILE* stream, ReadBlock* real) {
  const std::size_t room = room_at(to);
  std::size_t wanted = 0;
  if (__builtin_mul_overflow(size, count, &wanted)) wanted = kUnbounded - 1;
  if (wanted <= room) return real(to, size, count, stream);
  const std::size_t fitting = room == 0 ? 0 : real(to, 1, room, stream);
  if (fitting < room || !has_more(stream)) return fitting / size;
  SuspectCall call(name, frame);
  call.writes(to, wanted);
  const std::size_t rest =
      real(static_cast<char*>(to) + fitting, 1, wanted - fitting, stream);
  return (fitting + rest) / size;
}

MEMOIR_FAST_PATH std::size_t read_block(const char* name, const void* frame, void* to,
                                        std::size_t size, std::size_t count, FILE* stream,
                                        ReadBlock* real) {
  if (MEMOIR_LIKELY(room_at(to) == kUnbounded)) return real(to, size, count, stream);
  return read_suspect(name, frame, to, size, count, stream, real);
}

// Whether a line read into `size` bytes, the last of which was not zero before, was cut
// for want of room.
bool was_cut(const char* line, std::size_t size, FILE* stream) {
  return line[size - 1] == '\0' && (size == 1 || line[size - 2] != '\n') &&
         has_more(stream);
}

MEMOIR_SLOW_PATH char* read_line_suspect(const char* name, const void* frame, char* to,
                                         int size, FILE* stream, ReadLine* real) {
  const std::size_t room = room_at(to);
  SuspectCall call(name, frame);
  if (room == 0) {
    call.writes(to, 1);
    return real(to, size, stream);
  }
  const char last = to[room - 1];
  to[room - 1] = 1;
  char* const line = real(to, static_cast<int>(room), stream);
  if (line == nullptr || !was_cut(to, room, stream)) {
    if (to[room - 1] == 1) to[room - 1] = last;
    return line;
  }
  call.writes(to, room + 1);
  real(to + room - 1, size - static_cast<int>(room - 1), stream);
  return to;
}

MEMOIR_FAST_PATH char* read_line(const char* name, const void* frame, char* to, int size,
                                 FILE* stream, ReadLine* real) {
  if (MEMOIR_LIKELY(size <= 0 || static_cast<std::size_t>(size) <= room_at(to))) {
    return real(to, size, stream);
  }
  return read_line_suspect(name, frame, to, size, stream, real);
}

template <typename Real>
MEMOIR_FAST_PATH std::size_t write_block(const char* name, const void* frame,
                                         const void* from, std::size_t size,
                                         std::size_t count, Real real) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(size, count, &bytes)) bytes = kUnbounded - 1;
  if (MEMOIR_LIKELY(bytes <= room_at(from))) return real();
  SuspectCall call(name, frame);
  call.reads(from, bytes);
  return real();
}

}  // namespace
}  // namespace memoir

using memoir::g_libc;
using memoir::kUnbounded;
using memoir::room_at;

MEMOIR_INTERCEPTOR(std::size_t, fread,
                   (void* to, std::size_t size, std::size_t count, FILE* stream)) {
  return memoir::read_block("fread", MEMOIR_FRAME, to, size, count, stream, g_libc.fread);
}

MEMOIR_INTERCEPTOR(std::size_t, fread_unlocked,
                   (void* to, std::size_t size, std::size_t count, FILE* stream)) {
  return memoir::read_block("fread_unlocked", MEMOIR_FRAME, to, size, count, stream,
                            g_libc.fread_unlocked);
}

// Where the fortified ones would end the program, they do.
MEMOIR_INTERCEPTOR(std::size_t, __fread_chk,
                   (void* to, std::size_t known, std::size_t size, std::size_t count,
                    FILE* stream)) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(size, count, &bytes) || bytes > known) {
    return g_libc.__fread_chk(to, known, size, count, stream);
  }
  return memoir::read_block("fread", MEMOIR_FRAME, to, size, count, stream, g_libc.fread);
}

MEMOIR_INTERCEPTOR(std::size_t, __fread_unlocked_chk,
                   (void* to, std::size_t known, std::size_t size, std::size_t count,
                    FILE* stream)) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(size, count, &bytes) || bytes > known) {
    return g_libc.__fread_unlocked_chk(to, known, size, count, stream);
  }
  return memoir::read_block("fread_unlocked", MEMOIR_FRAME, to, size, count, stream,
                            g_libc.fread_unlocked);
}

MEMOIR_INTERCEPTOR(char*, fgets, (char* to, int size, FILE* stream)) {
  return memoir::read_line("fgets", MEMOIR_FRAME, to, size, stream, g_libc.fgets);
}

MEMOIR_INTERCEPTOR(char*, fgets_unlocked, (char* to, int size, FILE* stream)) {
  return memoir::read_line("fgets_unlocked", MEMOIR_FRAME, to, size, stream,
                           g_libc.fgets_unlocked);
}

MEMOIR_INTERCEPTOR(char*, __fgets_chk,
                   (char* to, std::size_t known, int size, FILE* stream)) {
  if (size > 0 && static_cast<std::size_t>(size) > known) {
    return g_libc.__fgets_chk(to, known, size, stream);
  }
  return memoir::read_line("fgets", MEMOIR_FRAME, to, size, stream, g_libc.fgets);
}

MEMOIR_INTERCEPTOR(char*, __fgets_unlocked_chk,
                   (char* to, std::size_t known, int size, FILE* stream)) {
  if (size > 0 && static_cast<std::size_t>(size) > known) {
    return g_libc.__fgets_unlocked_chk(to, known, size, stream);
  }
  return memoir::read_line("fgets_unlocked", MEMOIR_FRAME, to, size, stream,
                           g_libc.fgets_unlocked);
}

MEMOIR_INTERCEPTOR(std::size_t, fwrite,
                   (const void* from, std::size_t size, std::size_t count,
                    FILE* stream)) {
  return memoir::write_block("fwrite", MEMOIR_FRAME, from, size, count,
                             [=] { return g_libc.fwrite(from, size, count, stream); });
}

MEMOIR_INTERCEPTOR(std::size_t, fwrite_unlocked,
                   (const void* from, std::size_t size, std::size_t count,
                    FILE* stream)) {
  return memoir::write_block("fwrite_unlocked", MEMOIR_FRAME, from, size, count, [=] {
    return g_libc.fwrite_unlocked(from, size, count, stream);
  });
}

MEMOIR_INTERCEPTOR(int, fputs, (const char* text, FILE* stream)) {
  if (MEMOIR_LIKELY(room_at(text) == kUnbounded)) return g_libc.fputs(text, stream);
  return memoir::read_string("fputs", MEMOIR_FRAME, text, kUnbounded,
                             [=] { return g_libc.fputs(text, stream); });
}

MEMOIR_INTERCEPTOR(int, puts, (const char* text)) {
  if (MEMOIR_LIKELY(room_at(text) == kUnbounded)) return g_libc.puts(text);
  return memoir::read_string("puts", MEMOIR_FRAME, text, kUnbounded,
                             [=] { return g_libc.puts(text); });
}

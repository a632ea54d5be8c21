// Functions with which the kernel reads and writes the program's memory. What the caller
// allows the kernel counts, not what it makes of that.

#include <limits.h>

#include "bounds/heap_view.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

template <typename Real>
MEMOIR_FAST_PATH auto fill(const char* name, const void* frame, void* to,
                           std::size_t size, Real real) {
  if (MEMOIR_LIKELY(size <= room_at(to))) return real();
  SuspectCall call(name, frame);
  call.writes(to, size);
  return real();
}

template <typename Real>
MEMOIR_FAST_PATH auto drain(const char* name, const void* frame, const void* from,
                            std::size_t size, Real real) {
  if (MEMOIR_LIKELY(size <= room_at(from))) return real();
  SuspectCall call(name, frame);
  call.reads(from, size);
  return real();
}

// A path, which tells its length by itself: it is put into what is left of the block
// first. `fits` says whether that was enough.
template <typename Make, typename Fits, typename Real>
MEMOIR_FAST_PATH auto put_path(const char* name, const void* frame, char* to,
                               std::size_t size, Make make, Fits fits, Real real) {
  const std::size_t room = room_at(to);
  if (MEMOIR_LIKELY(size <= room)) return real();
  if (room != 0) {
    const auto answer = make(room);
    if (fits(answer, room)) return answer;
  }
  SuspectCall call(name, frame);
  call.writes(to, size);
  return real();
}

bool link_fits(ssize_t length, std::size_t room) {
  return length < 0 || static_cast<std::size_t>(length) < room;
}

}  // namespace
}  // namespace memoir

using memoir::drain;
using memoir::fill;
using memoir::g_libc;
using memoir::link_fits;
using memoir::put_path;
using memoir::room_at;
using memoir::SuspectCall;

MEMOIR_INTERCEPTOR(ssize_t, read, (int file, void* to, std::size_t size)) {
  return fill("read", MEMOIR_FRAME, to, size,
              [=] { return g_libc.read(file, to, size); });
}

MEMOIR_INTERCEPTOR(ssize_t, __read_chk,
                   (int file, void* to, std::size_t size, std::size_t known)) {
  return fill("read", MEMOIR_FRAME, to, size,
              [=] { return g_libc.__read_chk(file, to, size, known); });
}

MEMOIR_INTERCEPTOR(ssize_t, pread, (int file, void* to, std::size_t size, off_t at)) {
  return fill("pread", MEMOIR_FRAME, to, size,
              [=] { return g_libc.pread(file, to, size, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, pread64, (int file, void* to, std::size_t size, off_t at)) {
  return fill("pread64", MEMOIR_FRAME, to, size,
              [=] { return g_libc.pread64(file, to, size, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, __pread_chk,
                   (int file, void* to, std::size_t size, off_t at, std::size_t known)) {
  return fill("pread", MEMOIR_FRAME, to, size,
              [=] { return g_libc.__pread_chk(file, to, size, at, known); });
}

MEMOIR_INTERCEPTOR(ssize_t, __pread64_chk,
                   (int file, void* to, std::size_t size, off_t at, std::size_t known)) {
  return fill("pread64", MEMOIR_FRAME, to, size,
              [=] { return g_libc.__pread64_chk(file, to, size, at, known); });
}

MEMOIR_INTERCEPTOR(ssize_t, recv, (int socket, void* to, std::size_t size, int flags)) {
  return fill("recv", MEMOIR_FRAME, to, size,
              [=] { return g_libc.recv(socket, to, size, flags); });
}

MEMOIR_INTERCEPTOR(ssize_t, __recv_chk,
                   (int socket, void* to, std::size_t size, std::size_t known,
                    int flags)) {
  return fill("recv", MEMOIR_FRAME, to, size,
              [=] { return g_libc.__recv_chk(socket, to, size, known, flags); });
}

MEMOIR_INTERCEPTOR(ssize_t, recvfrom,
                   (int socket, void* to, std::size_t size, int flags, sockaddr* sender,
                    socklen_t* sender_size)) {
  return fill("recvfrom", MEMOIR_FRAME, to, size, [=] {
    return g_libc.recvfrom(socket, to, size, flags, sender, sender_size);
  });
}

MEMOIR_INTERCEPTOR(ssize_t, __recvfrom_chk,
                   (int socket, void* to, std::size_t size, std::size_t known, int flags,
                    sockaddr* sender, socklen_t* sender_size)) {
  return fill("recvfrom", MEMOIR_FRAME, to, size, [=] {
    return g_libc.__recvfrom_chk(socket, to, size, known, flags, sender, sender_size);
  });
}

MEMOIR_INTERCEPTOR(ssize_t, write, (int file, const void* from, std::size_t size)) {
  return drain("write", MEMOIR_FRAME, from, size,
               [=] { return g_libc.write(file, from, size); });
}

MEMOIR_INTERCEPTOR(ssize_t, pwrite,
                   (int file, const void* from, std::size_t size, off_t at)) {
  return drain("pwrite", MEMOIR_FRAME, from, size,
               [=] { return g_libc.pwrite(file, from, size, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, pwrite64,
                   (int file, const void* from, std::size_t size, off_t at)) {
  return drain("pwrite64", MEMOIR_FRAME, from, size,
               [=] { return g_libc.pwrite64(file, from, size, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, send,
                   (int socket, const void* from, std::size_t size, int flags)) {
  return drain("send", MEMOIR_FRAME, from, size,
               [=] { return g_libc.send(socket, from, size, flags); });
}

MEMOIR_INTERCEPTOR(ssize_t, sendto,
                   (int socket, const void* from, std::size_t size, int flags,
                    const sockaddr* receiver, socklen_t receiver_size)) {
  return drain("sendto", MEMOIR_FRAME, from, size, [=] {
    return g_libc.sendto(socket, from, size, flags, receiver, receiver_size);
  });
}

MEMOIR_INTERCEPTOR(char*, getcwd, (char* to, std::size_t size)) {
  return put_path(
      "getcwd", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.getcwd(to, room); },
      [](const char* path, std::size_t) { return path != nullptr; },
      [=] { return g_libc.getcwd(to, size); });
}

MEMOIR_INTERCEPTOR(char*, __getcwd_chk, (char* to, std::size_t size, std::size_t known)) {
  return put_path(
      "getcwd", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.getcwd(to, room); },
      [](const char* path, std::size_t) { return path != nullptr; },
      [=] { return g_libc.__getcwd_chk(to, size, known); });
}

// realpath() is not told how much room there is.
namespace {

template <typename Real>
char* resolve(const char* name, const void* frame, const char* path, char* to,
              Real real) {
  if (MEMOIR_LIKELY(room_at(to) >= PATH_MAX)) return real();
  char found[PATH_MAX];
  if (g_libc.realpath(path, found) == nullptr) return real();
  const std::size_t written = g_libc.strlen(found) + 1;
  if (written <= room_at(to)) return real();
  SuspectCall call(name, frame);
  call.writes(to, written);
  return real();
}

}  // namespace

MEMOIR_INTERCEPTOR(char*, realpath, (const char* path, char* to)) {
  return resolve("realpath", MEMOIR_FRAME, path, to,
                 [=] { return g_libc.realpath(path, to); });
}

MEMOIR_INTERCEPTOR(char*, __realpath_chk,
                   (const char* path, char* to, std::size_t known)) {
  return resolve("realpath", MEMOIR_FRAME, path, to,
                 [=] { return g_libc.__realpath_chk(path, to, known); });
}

MEMOIR_INTERCEPTOR(ssize_t, readlink, (const char* path, char* to, std::size_t size)) {
  return put_path(
      "readlink", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.readlink(path, to, room); }, link_fits,
      [=] { return g_libc.readlink(path, to, size); });
}

MEMOIR_INTERCEPTOR(ssize_t, __readlink_chk,
                   (const char* path, char* to, std::size_t size, std::size_t known)) {
  return put_path(
      "readlink", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.readlink(path, to, room); }, link_fits,
      [=] { return g_libc.__readlink_chk(path, to, size, known); });
}

MEMOIR_INTERCEPTOR(ssize_t, readlinkat,
                   (int folder, const char* path, char* to, std::size_t size)) {
  return put_path(
      "readlinkat", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.readlinkat(folder, path, to, room); },
      link_fits, [=] { return g_libc.readlinkat(folder, path, to, size); });
}

MEMOIR_INTERCEPTOR(ssize_t, __readlinkat_chk,
                   (int folder, const char* path, char* to, std::size_t size,
                    std::size_t known)) {
  return put_path(
      "readlinkat", MEMOIR_FRAME, to, size,
      [=](std::size_t room) { return g_libc.readlinkat(folder, path, to, room); },
      link_fits, [=] { return g_libc.__readlinkat_chk(folder, path, to, size, known); });
}

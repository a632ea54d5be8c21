// Functions with which the kernel reads and writes several ranges at once. What the
// caller allows the kernel counts, not what it makes of that.

#include "bounds/heap_view.h"
#include "bounds/real_functions.h"

namespace memoir {
namespace {

constexpr std::size_t kMostPieces = 1024;

bool are_sound(const iovec* pieces, std::size_t count) {
  if (count > kMostPieces) return true;  // the kernel refuses them
  if (room_at(pieces) < count * sizeof(iovec)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (MEMOIR_UNLIKELY(pieces[i].iov_len > room_at(pieces[i].iov_base))) return false;
  }
  return true;
}

void judge(SuspectCall& call, const iovec* pieces, std::size_t count,
           FaultAccess access) {
  call.reads(pieces, count * sizeof(iovec));
  for (std::size_t i = 0; i < count; ++i) {
    if (access == FaultAccess::kWrite) call.writes(pieces[i].iov_base, pieces[i].iov_len);
    if (access == FaultAccess::kRead) call.reads(pieces[i].iov_base, pieces[i].iov_len);
  }
}

template <typename Real>
MEMOIR_FAST_PATH ssize_t transfer(const char* name, const void* frame,
                                  const iovec* pieces, int count, FaultAccess access,
                                  Real real) {
  const auto number = static_cast<std::size_t>(count);  // of a negative one, too many
  if (MEMOIR_LIKELY(are_sound(pieces, number))) return real();
  SuspectCall call(name, frame);
  judge(call, pieces, number, access);
  return real();
}

// A message: its description, and the three things that this leads to.
template <typename Real>
MEMOIR_FAST_PATH ssize_t pass_message(const char* name, const void* frame,
                                      const msghdr* message, FaultAccess access,
                                      Real real) {
  const bool is_there = room_at(message) >= sizeof *message;
  if (MEMOIR_LIKELY(is_there && message->msg_namelen <= room_at(message->msg_name) &&
                    message->msg_controllen <= room_at(message->msg_control) &&
                    are_sound(message->msg_iov, message->msg_iovlen))) {
    return real();
  }
  SuspectCall call(name, frame);
  call.reads(message, sizeof *message);
  if (!is_there) return real();
  const iovec besides[] = {{message->msg_name, message->msg_namelen},
                           {message->msg_control, message->msg_controllen}};
  judge(call, besides, 2, access);
  if (message->msg_iovlen <= kMostPieces) {
    judge(call, message->msg_iov, message->msg_iovlen, access);
  }
  return real();
}

}  // namespace
}  // namespace memoir

using memoir::FaultAccess;
using memoir::g_libc;
using memoir::pass_message;
using memoir::transfer;

MEMOIR_INTERCEPTOR(ssize_t, readv, (int file, const iovec* pieces, int count)) {
  return transfer("readv", MEMOIR_FRAME, pieces, count, FaultAccess::kWrite,
                  [=] { return g_libc.readv(file, pieces, count); });
}

MEMOIR_INTERCEPTOR(ssize_t, preadv,
                   (int file, const iovec* pieces, int count, off_t at)) {
  return transfer("preadv", MEMOIR_FRAME, pieces, count, FaultAccess::kWrite,
                  [=] { return g_libc.preadv(file, pieces, count, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, preadv64,
                   (int file, const iovec* pieces, int count, off_t at)) {
  return transfer("preadv64", MEMOIR_FRAME, pieces, count, FaultAccess::kWrite,
                  [=] { return g_libc.preadv64(file, pieces, count, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, writev, (int file, const iovec* pieces, int count)) {
  return transfer("writev", MEMOIR_FRAME, pieces, count, FaultAccess::kRead,
                  [=] { return g_libc.writev(file, pieces, count); });
}

MEMOIR_INTERCEPTOR(ssize_t, pwritev,
                   (int file, const iovec* pieces, int count, off_t at)) {
  return transfer("pwritev", MEMOIR_FRAME, pieces, count, FaultAccess::kRead,
                  [=] { return g_libc.pwritev(file, pieces, count, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, pwritev64,
                   (int file, const iovec* pieces, int count, off_t at)) {
  return transfer("pwritev64", MEMOIR_FRAME, pieces, count, FaultAccess::kRead,
                  [=] { return g_libc.pwritev64(file, pieces, count, at); });
}

MEMOIR_INTERCEPTOR(ssize_t, recvmsg, (int socket, msghdr* message, int flags)) {
  return pass_message("recvmsg", MEMOIR_FRAME, message, FaultAccess::kWrite,
                      [=] { return g_libc.recvmsg(socket, message, flags); });
}

MEMOIR_INTERCEPTOR(ssize_t, sendmsg, (int socket, const msghdr* message, int flags)) {
  return pass_message("sendmsg", MEMOIR_FRAME, message, FaultAccess::kRead,
                      [=] { return g_libc.sendmsg(socket, message, flags); });
}

#include "track/collector_link.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "base/raw_syscall.h"
#include "track/followed_environment.h"
#include "track/session.h"

namespace memoir {
namespace {

constexpr long kAnswerSeconds = 30;

long set_timeout(int socket, int option, long seconds) {
  const timeval timeout{seconds, 0};
  return raw_syscall(SYS_setsockopt, socket, SOL_SOCKET, option, &timeout,
                     sizeof timeout);
}

}  // namespace

CollectorLink::~CollectorLink() {
  if (socket_ >= 0) raw_syscall(SYS_close, socket_);
}

bool CollectorLink::connect_to(const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (*name == '\0' || strlen(name) >= sizeof address.sun_path - 1) {
    say("not recording: MEMOIR_SESSION is not the name of a session");
    return false;
  }
  const std::size_t length = strlen(name);
  name_ = name;
  memcpy(address.sun_path + 1, name, length);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  const long fd = room_.make(
      [] { return raw_syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); });
  if (fd < 0) {
    say("not recording: no descriptor to reach the collector with (see ulimit -n)");
    return false;
  }
  socket_ = static_cast<int>(fd);
  set_timeout(socket_, SO_SNDTIMEO, kAnswerSeconds);
  set_timeout(socket_, SO_RCVTIMEO, kAnswerSeconds);
  if (raw_syscall(SYS_connect, socket_, &address, size) == 0) return true;
  raw_syscall(SYS_close, socket_);
  socket_ = -1;
  return false;
}

bool CollectorLink::connect() {
  const char* name = getenv(kSessionVariable);
  // A program that was forked off may have cleaned its environment since.
  if (name == nullptr) name = remembered_session();
  if (name != nullptr) {
    if (strcmp(name, kNoSession) == 0) return false;
    if (connect_to(name)) return true;
    // `memoir run` has finished its trace. A collector that the runtime started ends with
    // the processes it knows; for one that lived on unseen, a daemon, another is started.
    if (strncmp(name, kRunPrefix, strlen(kRunPrefix)) == 0) {
      say("not recording: the memoir run that started this has ended");
      return false;
    }
  }
  if (!start_collector(room_)) return false;
  name = getenv(kSessionVariable);
  if (name != nullptr && connect_to(name)) return true;
  say("not recording: the collector does not answer");
  return false;
}

bool CollectorLink::hand_over(int descriptor, const SessionMemory& memory) {
  HelloMessage hello;
  hello.total_bytes = memory.layout().total_bytes;
  iovec bytes{&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  if (raw_syscall(SYS_sendmsg, socket_, &message, MSG_NOSIGNAL) !=
      static_cast<long>(sizeof hello)) {
    say("not recording: the collector did not take the session");
    return false;
  }
  WelcomeMessage welcome;
  welcome.magic = 0;
  long n;
  do {
    n = raw_syscall(SYS_recvfrom, socket_, &welcome, sizeof welcome, 0, 0, 0);
  } while (n == -EINTR);
  if (n != static_cast<long>(sizeof welcome) || welcome.magic != kSessionMagic ||
      welcome.accepted == 0) {
    say("not recording: the collector refused the session (it is of another version or "
        "another user, or may not open more files)");
    return false;
  }
  memory.header().collector_pid.store(welcome.collector_pid, std::memory_order_relaxed);
  return true;
}

}  // namespace memoir

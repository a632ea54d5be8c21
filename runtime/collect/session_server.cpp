#include "collect/session_server.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "trace/error.h"

namespace memoir {
namespace {

// Closes a descriptor unless it was released.
class ScopedFd {
 public:
  explicit ScopedFd(int fd) : fd_(fd) {}
  ~ScopedFd() {
    if (fd_ >= 0) close(fd_);
  }
  ScopedFd(const ScopedFd&) = delete;
  ScopedFd& operator=(const ScopedFd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string random_name() {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random)
    throw Error("no random numbers");
  return fmt::format("{}{}-{:016x}", kRunPrefix, getpid(), random);
}

// The descriptor that came with the hello; none when it is not a hello.
int receive_hello(int socket) {
  HelloMessage hello;
  hello.magic = 0;
  iovec bytes{&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  int descriptor = -1;
  const cmsghdr* rights = n < 0 ? nullptr : CMSG_FIRSTHDR(&message);
  if (rights != nullptr && rights->cmsg_level == SOL_SOCKET &&
      rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(sizeof(int))) {
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
  }
  ScopedFd held(descriptor);
  const bool valid = n == static_cast<ssize_t>(sizeof hello) &&
                     hello.magic == kSessionMagic && hello.version == kWireVersion;
  return valid ? held.release() : -1;
}

void answer(int socket, bool accepted) {
  WelcomeMessage welcome;
  welcome.accepted = accepted ? 1 : 0;
  welcome.collector_pid = static_cast<std::uint32_t>(getpid());
  (void)send(socket, &welcome, sizeof welcome, MSG_NOSIGNAL);
}

}  // namespace

SessionServer::SessionServer() : name_(random_name()) {
  listening_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name_.data(), name_.size());
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
  if (listening_ < 0 ||
      bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listening_, 128) != 0) {
    throw Error(fmt::format("cannot open a socket for the traced programs: {}",
                            std::strerror(errno)));
  }
}

SessionServer::SessionServer(int listening) : listening_(listening) {
  int is_listening = 0;
  socklen_t size = sizeof is_listening;
  if (getsockopt(listening, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 ||
      is_listening == 0) {
    throw Error("memoir collect is started by the runtime, not by hand",
                ErrorKind::kUsage);
  }
  fcntl(listening_, F_SETFL, O_NONBLOCK);
  fcntl(listening_, F_SETFD, FD_CLOEXEC);
}

SessionServer::~SessionServer() {
  if (listening_ >= 0) close(listening_);
}

std::optional<NewSession> SessionServer::accept() {
  ScopedFd connection(accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return std::nullopt;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      peer.uid != geteuid()) {
    return std::nullopt;
  }
  // A process that connects has its hello ready; one that does not cannot hold us up.
  const timeval patience{0, 500'000};
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const ScopedFd memory(receive_hello(connection.get()));
  if (!memory) {
    answer(connection.get(), false);
    return std::nullopt;
  }
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, peer.pid, 0));
  if (pidfd < 0) return std::nullopt;
  ScopedFd held(pidfd);
  try {
    NewSession session{SessionMapping(memory.get()), peer.pid, -1, -1};
    session.pidfd = held.release();
    session.socket = connection.release();
    return session;
  } catch (const Error&) {
    answer(connection.get(), false);
    return std::nullopt;
  }
}

void SessionServer::welcome(NewSession& session) {
  answer(session.socket, true);
  close(std::exchange(session.socket, -1));
}

}  // namespace memoir

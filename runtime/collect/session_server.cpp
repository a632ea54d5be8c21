#include "collect/session_server.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
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

// The one descriptor that came with the hello; none when it is not a hello, or brought
// others. Whatever came is closed, or owned by the caller.
ScopedFd receive_hello(int socket) {
  HelloMessage hello;
  hello.magic = 0;
  iovec bytes{&hello, sizeof hello};
  constexpr std::size_t kMostRights = 8;  // what does not fit, the kernel closes
  alignas(cmsghdr) char control[CMSG_SPACE(kMostRights * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0) return ScopedFd(-1);
  int only = -1;
  std::size_t count = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len;
         at += sizeof(int)) {
      ++count;
      if (only >= 0) close(only);
      std::memcpy(&only, reinterpret_cast<char*>(part) + at, sizeof only);
    }
  }
  ScopedFd memory(only);
  const bool valid = n == static_cast<ssize_t>(sizeof hello) && count == 1 &&
                     hello.magic == kSessionMagic && hello.version == kWireVersion;
  return valid ? ScopedFd(memory.release()) : ScopedFd(-1);
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
  watch(listening_);
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
  watch(listening_);
}

SessionServer::~SessionServer() {
  for (const Waiting& client : waiting_) close(client.socket);
  if (listening_ >= 0) close(listening_);
  if (events_ >= 0) close(events_);
}

void SessionServer::watch(int descriptor) {
  if (events_ < 0) events_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (epoll_ctl(events_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw Error(
        fmt::format("cannot wait for the traced programs: {}", std::strerror(errno)));
  }
}

// Takes in everybody who knocks.
void SessionServer::let_connect() {
  constexpr std::size_t kMostWaiting = 256;
  for (;;) {
    ScopedFd connection(accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        peer.uid != geteuid()) {
      continue;
    }
    if (waiting_.size() == kMostWaiting) {
      close(waiting_.front().socket);
      waiting_.pop_front();
    }
    watch(connection.get());
    waiting_.push_back({connection.release(), peer.pid});
  }
}

// What a client offers who has said something, or hung up.
std::optional<NewSession> SessionServer::hear(const Waiting& client) {
  ScopedFd connection(client.socket);
  const ScopedFd memory = receive_hello(connection.get());
  ScopedFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, client.pid, 0)));
  if (memory && pidfd) {
    try {
      NewSession session{SessionMapping(memory.get()), client.pid, -1, -1};
      epoll_ctl(events_, EPOLL_CTL_DEL, connection.get(), nullptr);
      session.pidfd = pidfd.release();
      session.socket = connection.release();
      return session;
    } catch (const Error&) {
    }
  }
  answer(connection.get(), false);
  return std::nullopt;
}

std::optional<NewSession> SessionServer::accept() {
  epoll_event events[16];
  for (;;) {
    const int n = epoll_wait(events_, events, std::size(events), 0);
    if (n <= 0) return std::nullopt;
    for (int i = 0; i < n; ++i) {
      const int ready = events[i].data.fd;
      if (ready == listening_) {
        let_connect();
        break;  // it may have closed others
      }
      const auto client = std::find_if(
          waiting_.begin(), waiting_.end(),
          [ready](const Waiting& waiting) { return waiting.socket == ready; });
      if (client == waiting_.end()) continue;
      const Waiting taken = *client;
      waiting_.erase(client);
      if (auto session = hear(taken)) return session;
    }
  }
}

void SessionServer::welcome(NewSession& session) {
  answer(session.socket, true);
  close(std::exchange(session.socket, -1));
}

}  // namespace memoir

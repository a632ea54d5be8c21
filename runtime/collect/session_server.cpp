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

#include "collect/hello.h"
#include "collect/scoped_fd.h"
#include "trace/error.h"

namespace memoir {
namespace {

std::string random_name() {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random)
    throw Error("no random numbers");
  return fmt::format("{}{}-{:016x}", kRunPrefix, getpid(), random);
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
  begin();
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
  begin();
}

SessionServer::~SessionServer() {
  for (const Waiting& client : waiting_) close(client.socket);
  if (listening_ >= 0) close(listening_);
  if (events_ >= 0) close(events_);
  if (spare_ >= 0) close(spare_);
}

void SessionServer::begin() {
  events_ = epoll_create1(EPOLL_CLOEXEC);
  if (events_ < 0 || !watch(listening_)) {
    throw Error(
        fmt::format("cannot wait for the traced programs: {}", std::strerror(errno)));
  }
  keep_spare();
}

void SessionServer::keep_spare() {
  if (spare_ < 0) spare_ = fcntl(events_, F_DUPFD_CLOEXEC, 0);
}

bool SessionServer::watch(int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  return epoll_ctl(events_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// The next who knocks; -1 when there is nobody (left) or no descriptor for them.
int SessionServer::open_door() {
  const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection >= 0 || spare_ < 0 || (errno != EMFILE && errno != ENFILE)) {
    return connection;
  }
  close(std::exchange(spare_, -1));
  return accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
}

// Takes in everybody who knocks. False when it was nobody.
bool SessionServer::let_connect() {
  constexpr std::size_t kMostWaiting = 256;
  for (bool any = false;; any = true) {
    keep_spare();
    ScopedFd connection(open_door());
    if (!connection) return any;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        peer.uid != geteuid()) {
      continue;
    }
    // On the last descriptor of all nobody can stay.
    const bool may_stay = spare_ >= 0;
    if (!may_stay || !watch(connection.get())) {
      (void)receive_hello(connection.get());  // unread, it would keep the answer away
      send_welcome(connection.get(), false);
      continue;
    }
    if (waiting_.size() == kMostWaiting) {
      close(waiting_.front().socket);
      waiting_.pop_front();
    }
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
  send_welcome(connection.get(), false);
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
        if (!let_connect()) return std::nullopt;
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
  send_welcome(session.socket, true);
  close(std::exchange(session.socket, -1));
}

}  // namespace memoir

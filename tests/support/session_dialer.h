#pragma once

// Whoever connects to a collector's socket, and may say anything.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collect/scoped_fd.h"
#include "wire/session_memory.h"

namespace memoir {

class SessionDialer {
 public:
  explicit SessionDialer(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    connected_ = connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 +
                                                name.size())) == 0;
  }

  bool connected() const { return connected_; }

  bool say(std::span<const std::byte> bytes, std::span<const int> descriptors) const {
    iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    std::vector<char> control(CMSG_SPACE(descriptors.size_bytes()));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
    }
    return sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0;
  }
  bool say(const HelloMessage& hello, std::span<const int> descriptors) const {
    return say(std::as_bytes(std::span(&hello, 1)), descriptors);
  }

  // Nothing: no (whole) answer is there.
  std::optional<WelcomeMessage> answer() const {
    WelcomeMessage welcome;
    const ssize_t n = recv(socket_.get(), &welcome, sizeof welcome, MSG_DONTWAIT);
    return n == sizeof welcome ? std::optional(welcome) : std::nullopt;
  }

 private:
  ScopedFd socket_;
  bool connected_ = false;
};

}  // namespace memoir

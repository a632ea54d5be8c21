#include "collect/hello.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "wire/session_memory.h"

namespace memoir {
namespace {

// The descriptors of a message, all of which are ours to close.
class ReceivedDescriptors {
 public:
  explicit ReceivedDescriptors(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
      for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len;
           at += sizeof(int)) {
        int descriptor = -1;
        std::memcpy(&descriptor, reinterpret_cast<char*>(part) + at, sizeof descriptor);
        last_ = ScopedFd(descriptor);
        ++count_;
      }
    }
  }

  // None unless it is the only one.
  ScopedFd only() { return ScopedFd(count_ == 1 ? last_.release() : -1); }

 private:
  ScopedFd last_;
  std::size_t count_ = 0;
};

}  // namespace

ScopedFd receive_hello(int socket) {
  HelloMessage hello;
  hello.magic = 0;
  iovec bytes{&hello, sizeof hello};
  constexpr std::size_t kMostRights = 8;  // what does not fit, the kernel closes
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostRights * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0) return ScopedFd();
  ReceivedDescriptors descriptors(message);
  const bool is_hello = n == static_cast<ssize_t>(sizeof hello) &&
                        (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
                        hello.magic == kSessionMagic && hello.version == kWireVersion;
  return is_hello ? descriptors.only() : ScopedFd();
}

void send_welcome(int socket, bool accepted) {
  WelcomeMessage welcome;
  welcome.accepted = accepted ? 1 : 0;
  welcome.collector_pid = static_cast<std::uint32_t>(getpid());
  (void)send(socket, &welcome, sizeof welcome, MSG_NOSIGNAL);
}

}  // namespace memoir

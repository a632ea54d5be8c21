#pragma once

// The socket through which processes hand over their session memory: an abstract Unix
// socket, so that it works in a chroot and leaves nothing behind.
//
// Only processes of the same user are let in. Who connects and says nothing waits beside
// the others: nobody holds anybody up. Whoever comes when all descriptors are in use is
// refused at once.
//
// Thread safety: one thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "collect/session_mapping.h"

namespace memoir {

// A process that wants to be recorded.
struct NewSession {
  SessionMapping session;
  std::int64_t pid = 0;
  int pidfd = -1;   // owned by whoever takes the session
  int socket = -1;  // waiting for its answer
};

class SessionServer {
 public:
  // Listens under a name of its own. Throws Error.
  SessionServer();
  // Takes over a socket that listens already.
  explicit SessionServer(int listening);
  ~SessionServer();
  SessionServer(const SessionServer&) = delete;
  SessionServer& operator=(const SessionServer&) = delete;

  // For MEMOIR_SESSION.
  const std::string& name() const { return name_; }
  // Readable when somebody knocks or speaks.
  int descriptor() const { return events_; }

  // The next process that offers a session; nothing when there is none (left). Who says
  // what makes no sense is refused.
  std::optional<NewSession> accept();
  // Lets it begin. Closes the socket.
  void welcome(NewSession& session);

 private:
  // A connection of which nothing has come yet.
  struct Waiting {
    int socket = -1;
    std::int64_t pid = 0;
  };

  void begin();
  void keep_spare();
  bool watch(int descriptor);
  int open_door();
  bool let_connect();
  std::optional<NewSession> hear(const Waiting& client);

  int listening_ = -1;
  int events_ = -1;  // epoll: the listening socket, and who waits
  int spare_ = -1;   // given up to refuse somebody when there is no other descriptor
  std::deque<Waiting> waiting_;
  std::string name_;
};

}  // namespace memoir

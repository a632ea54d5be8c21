#pragma once

// The socket through which processes hand over their session memory: an abstract Unix
// socket, so that it works in a chroot and leaves nothing behind.
//
// Only processes of the same user are let in.
//
// Thread safety: one thread.

#include <cstdint>
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
  int descriptor() const { return listening_; }

  // The next process that knocks; nothing when there is none, or when what it says makes
  // no sense (it has then been refused).
  std::optional<NewSession> accept();
  // Lets it begin. Closes the socket.
  void welcome(NewSession& session);

 private:
  int listening_ = -1;
  std::string name_;
};

}  // namespace memoir

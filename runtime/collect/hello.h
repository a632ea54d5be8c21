#pragma once

// The one message that a process sends to its collector, and the one it gets back.
//
// Thread safety: any thread. Errors: none; what makes no sense is refused.

#include "collect/scoped_fd.h"

namespace memoir {

// Takes a message from a connection, without waiting for one: the descriptor that came
// with a hello of this version, or none when it is anything else or did not bring exactly
// one. Whatever else came is closed.
ScopedFd receive_hello(int socket);

// Says whether it will be recorded.
void send_welcome(int socket, bool accepted);

}  // namespace memoir

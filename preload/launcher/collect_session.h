#pragma once

// The collector of a program that was not started by `memoir run`: what the runtime
// starts for itself.

namespace memoir {

// Serves a listening socket that was inherited, until every process that came through it
// has ended. Returns at once in the process that was started, so that it is no child of
// the program; the recording goes on in a process of its own. `for_pid` names the
// program. Throws Error.
int collect_session(int listening, int for_pid);

}  // namespace memoir

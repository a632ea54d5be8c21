#pragma once

// How a process ended that is not our child.
//
// Thread safety: any thread.

#include <cstdint>
#include <optional>
#include <string>

namespace memoir {

// "exit:N" or "signal:N" from a wait status.
std::string describe_wait_status(int status);

// The wait status of an ended process, while it is a zombie (from /proc) or afterwards
// (from its pidfd, Linux 6.15 and later). Nothing when the kernel does not tell.
std::optional<int> wait_status_of(std::int64_t pid, int pidfd);

}  // namespace memoir

#include "collect/session_mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "trace/error.h"

namespace memoir {

SessionMapping::SessionMapping(int descriptor) {
  struct stat status {};
  const int seals = fcntl(descriptor, F_GET_SEALS);
  // Without the seals the process could cut the file short, and reading it kill us.
  constexpr int kWanted = F_SEAL_SHRINK | F_SEAL_GROW;
  if (fstat(descriptor, &status) != 0 || seals < 0 || (seals & kWanted) != kWanted) {
    throw Error("a process offered memory that is not a sealed memfd");
  }
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (bytes_ < sizeof(SessionHeader)) throw Error("a process offered too little memory");
  base_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (base_ == MAP_FAILED) {
    base_ = nullptr;
    throw Error("cannot map a process's session memory");
  }
  const auto& header = *static_cast<const SessionHeader*>(base_);
  const std::uint64_t magic = header.magic;
  const std::uint32_t version = header.version;
  const SessionLayout layout = header.layout;
  clock_ = header.clock == SessionClock::kTsc ? SessionClock::kTsc
                                              : SessionClock::kMonotonicNs;
  start_ticks_ = header.start_ticks;
  parent_pid_ = header.parent_pid;
  command_ = header.command;
  executable_ = header.executable;
  if (magic != kSessionMagic || version != kWireVersion ||
      !is_valid_layout(layout, bytes_)) {
    munmap(base_, bytes_);
    base_ = nullptr;
    throw Error("a process runs another version of the Memoir runtime");
  }
  memory_ = SessionMemory(base_, layout);
}

SessionMapping::SessionMapping(SessionMapping&& other) noexcept
    : memory_(other.memory_),
      base_(std::exchange(other.base_, nullptr)),
      bytes_(other.bytes_),
      clock_(other.clock_),
      start_ticks_(other.start_ticks_),
      parent_pid_(other.parent_pid_),
      command_(other.command_),
      executable_(other.executable_) {}

SessionMapping::~SessionMapping() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

std::string SessionMapping::text(TextRef reference) const {
  const std::uint64_t offset = reference & 0xffffffff;
  const std::uint64_t length = reference >> 32;
  const std::uint64_t bytes = memory_.layout().text_bytes;
  // No runtime writes longer ones; who claims to would fill our memory.
  constexpr std::uint64_t kLongest = 65536;
  if (length == 0 || length > kLongest) return {};
  if (offset > bytes || length > bytes - offset) return {};
  return {memory_.text() + offset, length};
}

std::uint32_t SessionMapping::node_count() const {
  return std::min(memory_.header().node_count.load(std::memory_order_acquire),
                  memory_.layout().node_capacity);
}

StackNode SessionMapping::node(StackNodeId id) const {
  if (id < kFirstStackNode || id >= node_count()) return {};
  StackNode copy = memory_.nodes()[id];
  if (copy.parent >= id) copy.parent = kNoStack;
  return copy;
}

}  // namespace memoir

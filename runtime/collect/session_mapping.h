#pragma once

// The collector's mapping of a process's session memory. Everything in it may change
// under our hands, or be nonsense: what is read is copied first and checked then.
//
// Thread safety: one thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/session_memory.h"

namespace memoir {

class SessionMapping {
 public:
  // Maps the memfd and checks its size, seals, version and layout. Throws Error (the
  // process is then not recorded). Does not keep `descriptor`.
  explicit SessionMapping(int descriptor);
  ~SessionMapping();
  SessionMapping(SessionMapping&& other) noexcept;
  SessionMapping& operator=(SessionMapping&&) = delete;
  SessionMapping(const SessionMapping&) = delete;

  const SessionMemory& memory() const { return memory_; }
  SessionClock clock() const { return clock_; }
  std::uint64_t start_ticks() const { return start_ticks_; }
  // As the process says.
  std::int64_t parent_pid() const { return parent_pid_; }
  TextRef command() const { return command_; }
  TextRef executable() const { return executable_; }

  // A copy of a text; empty when the reference leads outside of the text area.
  std::string text(TextRef reference) const;
  // A copy of a node; an outermost one without address when there is no such node.
  StackNode node(StackNodeId id) const;
  std::uint32_t node_count() const;

 private:
  SessionMemory memory_;
  void* base_ = nullptr;
  std::uint64_t bytes_ = 0;
  SessionClock clock_ = SessionClock::kTsc;
  std::uint64_t start_ticks_ = 0;
  std::int64_t parent_pid_ = 0;
  TextRef command_ = 0;
  TextRef executable_ = 0;
};

}  // namespace memoir

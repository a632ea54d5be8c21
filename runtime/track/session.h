#pragma once

// The tracee's end of a session: memory shared with the collector, and the word that says
// whether this process records.
//
//   unstarted ──► starting ──► recording ──► off
//                                  │ fork: the child sees the gate closed, and
//                                  └─────► starts a session of its own
//
// Invariants:
//  (1) The gate is open only in the process that opened it: it lies in a page that the
//      kernel wipes in a forked child. Nothing writes to a ring without an open gate.
//  (2) No descriptor stays open.
//
// Thread safety: recording() and stop() from any thread; start() once per process image.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"
#include "base/options.h"
#include "track/clock.h"
#include "unwind/stack_depot.h"
#include "wire/session_memory.h"

namespace memoir {

class DescriptorRoom;

// Where the gate of a session points until it has a page of its own: always closed.
extern constinit std::atomic<std::uint32_t> g_closed_gate;

class Session {
 public:
  MEMOIR_FAST_PATH bool recording() const {
    return gate_->load(std::memory_order_relaxed) != 0;
  }

  // Finds or starts the collector, makes the session memory and hands it over. False when
  // that was impossible; then one line on standard error has said why, and the program
  // runs on unrecorded. errno is preserved.
  bool start();
  // Opens the gate. What start() made must be in place.
  void open_gate();
  // Closes the gate for good. `reason` is one line for standard error, or nullptr.
  void stop(const char* reason);

  // In a forked child: forgets the parent's session without touching its memory.
  void forget_parent();

  const SessionMemory& memory() const { return memory_; }
  StackDepot& depot() { return depot_; }
  const Clock& clock() const { return clock_; }
  const Options& options() const { return options_; }
  std::uint32_t pid() const { return pid_; }

 private:
  bool map_memory(DescriptorRoom& room, int& descriptor);
  void fill_header();
  void copy_stacks();
  TextRef copy_text(const SessionMemory& from, TextRef SessionHeader::*which);

  std::atomic<std::uint32_t>* gate_ = &g_closed_gate;
  SessionMemory memory_;
  SessionMemory parent_memory_;  // in a forked child; for reading
  StackDepot depot_;
  Clock clock_;
  Options options_;
  std::uint32_t pid_ = 0;
  // The seccomp mode in which the program began.
  long first_filter_ = 0;
  // In a forked child: the recorded process it comes from, which may have ended since.
  std::uint32_t forked_from_ = 0;
};

// Whether the collector of a session still lives: its heartbeat moves, or its process is
// there. Leaves errno alone.
bool collector_is_alive(const SessionMemory& memory);

// Whether standard error is still the file it was when the program began: a daemon may
// have put a file of its own in its place. Then nothing must be written there.
void remember_standard_error();
void say(const char* line);

}  // namespace memoir

#pragma once

// The processor's breakpoints on data: four of up to eight bytes, for all threads of the
// process at once. Who touches such bytes gets a SIGTRAP behind the instruction.
//
// They are events of the kernel (perf_event_open, Linux 5.13), opened once, in the first
// thread, so that every later one inherits them; setting one is a system call for all
// threads together. The kernel's own accesses do not count.
//
// Each takes a descriptor, closed on exec, high up where programs hardly look. Before one
// is used it is asked whether it is still the event: a program may have closed it, and
// opened something else there. Then that breakpoint is lost.
//
// Thread safety and signals: set() and clear() of different ones at the same time; safe
// in signal handlers. A child of vfork changes nothing.

#include <signal.h>

#include <cstdint>

namespace memoir {

struct Breakpoint {
  std::uintptr_t address = 0;  // a multiple of `bytes`
  std::uint32_t bytes = 1;     // 1, 2, 4 or 8
  bool on_reads = false;       // on writes only, otherwise
  std::uint32_t ticket = 0;    // comes back with the signal
};

inline constexpr unsigned kMostBreakpoints = 4;

// Opens up to `wanted` of them; how many there are. Where there is none, `error` is the
// kernel's reason.
unsigned open_breakpoints(unsigned wanted, int& error);

bool set_breakpoint(unsigned index, const Breakpoint& breakpoint);
void clear_breakpoint(unsigned index);

// In a child of fork(), which has inherited none: opens as many, all of them clear.
void reopen_breakpoints();

// What such a signal says. False for every other SIGTRAP.
struct BreakpointHit {
  unsigned index = 0;
  std::uint32_t ticket = 0;
  // Delivered some time after the access: the thread had the signal blocked.
  bool is_late = false;
};
bool read_breakpoint_signal(const siginfo_t& info, BreakpointHit& hit);

}  // namespace memoir

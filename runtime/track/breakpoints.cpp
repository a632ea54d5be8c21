#include "track/breakpoints.h"

#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "base/raw_syscall.h"
#include "track/descriptor_room.h"

namespace memoir {
namespace {

constexpr std::uint64_t kHighest = 1024;  // descriptors beyond make large tables
constexpr std::uint64_t kFromTop = 16;

// What a perf event sends along, and the kernel's names for it; headers may be older.
constexpr int kTrapPerf = 6;
constexpr std::uint32_t kTrapAsync = 1;
constexpr std::uint64_t kMark = 0x6d65;  // in the highest bits of what comes back
struct PerfSignal {
  int signal, error, code, padding;
  std::uint64_t address;
  std::uint64_t data;
  std::uint32_t type;
  std::uint32_t flags;
};
static_assert(sizeof(PerfSignal) <= sizeof(siginfo_t));

struct Opened {
  int descriptor = -1;
  std::uint64_t id = 0;
};
constinit Opened g_opened[kMostBreakpoints] = {};
constinit unsigned g_count = 0;
constinit long g_owner = 0;  // the process that opened them
alignas(8) constinit char g_idle[8] = {};

perf_event_attr attributes(unsigned index, const Breakpoint& breakpoint, bool disabled) {
  perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.size = sizeof attr;
  attr.bp_type = breakpoint.on_reads ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W;
  attr.bp_addr = breakpoint.address;
  attr.bp_len = breakpoint.bytes;
  attr.sample_period = 1;
  attr.disabled = disabled ? 1 : 0;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  attr.inherit = 1;
  attr.inherit_thread = 1;
  attr.remove_on_exec = 1;
  attr.sigtrap = 1;
  attr.sig_data = kMark << 48 | std::uint64_t{index} << 32 | breakpoint.ticket;
  return attr;
}

std::uint64_t id_of(int descriptor) {
  std::uint64_t id = 0;
  const long answer = raw_syscall(SYS_ioctl, descriptor, PERF_EVENT_IOC_ID, &id);
  return answer == 0 ? id : 0;
}

long move_up(long descriptor) {
  rlimit limit{};
  if (raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &limit) != 0) return descriptor;
  const std::uint64_t top = limit.rlim_cur < kHighest ? limit.rlim_cur : kHighest;
  if (top <= kFromTop) return descriptor;
  const long moved = raw_syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC,
                                 static_cast<long>(top - kFromTop));
  if (moved < 0) return descriptor;
  raw_syscall(SYS_close, descriptor);
  return moved;
}

long open_event(unsigned index) {
  const Breakpoint idle{reinterpret_cast<std::uintptr_t>(g_idle), 1, false, 0};
  perf_event_attr attr = attributes(index, idle, true);
  DescriptorRoom room;
  const long descriptor = room.make([&] {
    return raw_syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  });
  return descriptor < 0 ? descriptor : move_up(descriptor);
}

bool is_usable(unsigned index) {
  const Opened& opened = g_opened[index];
  return index < g_count && opened.descriptor >= 0 &&
         raw_syscall(SYS_getpid) == g_owner && id_of(opened.descriptor) == opened.id;
}

}  // namespace

unsigned open_breakpoints(unsigned wanted, int& error) {
  error = 0;
  g_owner = raw_syscall(SYS_getpid);
  while (g_count < wanted && g_count < kMostBreakpoints) {
    const long descriptor = open_event(g_count);
    if (descriptor < 0) {
      error = static_cast<int>(-descriptor);
      break;
    }
    g_opened[g_count].descriptor = static_cast<int>(descriptor);
    g_opened[g_count].id = id_of(static_cast<int>(descriptor));
    ++g_count;
  }
  return g_count;
}

bool set_breakpoint(unsigned index, const Breakpoint& breakpoint) {
  if (!is_usable(index)) return false;
  perf_event_attr attr = attributes(index, breakpoint, false);
  return raw_syscall(SYS_ioctl, g_opened[index].descriptor,
                     PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr) == 0;
}

void clear_breakpoint(unsigned index) {
  if (!is_usable(index)) return;
  raw_syscall(SYS_ioctl, g_opened[index].descriptor, PERF_EVENT_IOC_DISABLE, 0);
}

void reopen_breakpoints() {
  const unsigned wanted = g_count;
  for (unsigned i = 0; i < wanted; ++i) {
    const Opened& opened = g_opened[i];
    // The parent's, which it shares with this process.
    if (id_of(opened.descriptor) == opened.id) raw_syscall(SYS_close, opened.descriptor);
    g_opened[i] = {};
  }
  g_count = 0;
  int error = 0;
  open_breakpoints(wanted, error);
}

bool read_breakpoint_signal(const siginfo_t& info, BreakpointHit& hit) {
  if (info.si_signo != SIGTRAP || info.si_code != kTrapPerf) return false;
  PerfSignal signal;
  memcpy(&signal, &info, sizeof signal);
  if (signal.type != PERF_TYPE_BREAKPOINT || signal.data >> 48 != kMark) return false;
  hit.index = static_cast<unsigned>(signal.data >> 32 & 0xffff);
  hit.ticket = static_cast<std::uint32_t>(signal.data & 0xffffffff);
  hit.is_late = (signal.flags & kTrapAsync) != 0;
  return hit.index < kMostBreakpoints;
}

}  // namespace memoir

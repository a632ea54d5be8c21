#include "track/session.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstring>

#include "base/keep_errno.h"
#include "base/pages.h"
#include "base/raw_syscall.h"
#include "base/text_writer.h"
#include "track/collector_link.h"
#include "track/followed_environment.h"
#include "track/runtime_options.h"

namespace memoir {

constinit std::atomic<std::uint32_t> g_closed_gate{0};

namespace {

constexpr std::uint32_t kTextBytes = 4u << 20;
// More than what is kept for a thread, outside the session's memory.
constexpr std::uint64_t kBytesPerThread = 4u << 20;

constinit struct stat g_standard_error = {};
constinit std::atomic<std::uint32_t> g_seen_beat{0};

// Reads a whole small file into `buffer`; the bytes read.
std::size_t read_file(const char* path, char* buffer, std::size_t capacity) {
  const long fd = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::size_t size = 0;
  while (size < capacity) {
    const long n = raw_syscall(SYS_read, fd, buffer + size, capacity - size);
    if (n <= 0) break;
    size += static_cast<std::size_t>(n);
  }
  raw_syscall(SYS_close, fd);
  return size;
}

rlim_t soft_limit(int resource) {
  rlimit limit{};
  if (raw_syscall(SYS_prlimit64, 0, resource, 0, &limit) != 0) return RLIM_INFINITY;
  return limit.rlim_cur;
}

// The address space that this process has mapped already.
std::uint64_t mapped_bytes() {
  char text[32] = {};
  read_file("/proc/self/statm", text, sizeof text - 1);
  std::uint64_t pages = 0;
  for (const char* c = text; *c >= '0' && *c <= '9'; ++c) {
    pages = pages * 10 + static_cast<unsigned>(*c - '0');
  }
  return pages * kPageSize;
}

// The largest session memory that does no harm. It counts as a file, and where the
// address space is limited, nearly all of that is the program's.
std::uint64_t most_session_bytes() {
  constexpr std::uint64_t kShare = 16;
  std::uint64_t most = soft_limit(RLIMIT_FSIZE);
  const std::uint64_t space = soft_limit(RLIMIT_AS);
  if (space == RLIM_INFINITY) return most;
  const std::uint64_t mapped = mapped_bytes();
  const std::uint64_t ours = space > mapped ? (space - mapped) / kShare : 0;
  return ours < most ? ours : most;
}

}  // namespace

void remember_standard_error() { raw_syscall(SYS_fstat, 2, &g_standard_error); }

void say(const char* line) {
  struct stat now {};
  if (raw_syscall(SYS_fstat, 2, &now) != 0) return;
  if (now.st_dev != g_standard_error.st_dev || now.st_ino != g_standard_error.st_ino)
    return;
  Text<512> text;
  text.add("memoir: ").add(line).add("\n");
  text.write_to_stderr();
}

bool collector_is_alive(const SessionMemory& memory) {
  SessionHeader& header = memory.header();
  if (header.recording.load(std::memory_order_relaxed) == 0) return false;
  const std::uint32_t beat = header.heartbeat.load(std::memory_order_relaxed);
  // Only of one whose heart has stopped is the kernel asked.
  if (g_seen_beat.exchange(beat, std::memory_order_relaxed) != beat) return true;
  const long fd = raw_syscall(SYS_pidfd_open,
                              header.collector_pid.load(std::memory_order_relaxed), 0);
  if (fd >= 0) {
    pollfd ended{static_cast<int>(fd), POLLIN, 0};
    const timespec at_once{0, 0};
    const long n = raw_syscall(SYS_ppoll, &ended, 1, &at_once, 0, 0);
    raw_syscall(SYS_close, fd);
    return n != 1;
  }
  if (fd != -ESRCH) return true;  // it cannot be told: wait on
  // No such process here: dead, or in another process namespace, where its heart beats.
  const timespec pause{0, 500'000'000};
  raw_syscall(SYS_nanosleep, &pause, 0);
  return header.heartbeat.load(std::memory_order_relaxed) != beat;
}

// Tries the sizes that were asked for, and less where the program's limits forbid them.
bool Session::map_memory(DescriptorRoom& room, int& descriptor) {
  const long fd = room.make([] {
    return raw_syscall(SYS_memfd_create, "memoir", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  });
  if (fd < 0) {
    say(fd == -EMFILE ? "not recording: no descriptor for the memory to share with the "
                        "collector (see ulimit -n)"
                      : "not recording: no memory to share with the collector "
                        "(memfd_create failed)");
    return false;
  }
  std::uint32_t rings = options_.max_threads + 1;
  std::uint32_t slots = options_.ring_kib * (1024 / sizeof(EventSlot));
  std::uint32_t nodes = options_.depot_nodes;
  std::uint32_t text = kTextBytes;
  const std::uint64_t most_bytes = most_session_bytes();
  // A thread with a ring also has memory of its own.
  if (rings > most_bytes / kBytesPerThread + 2) {
    rings = static_cast<std::uint32_t>(most_bytes / kBytesPerThread + 2);
  }
  for (int attempt = 0; attempt < 6; ++attempt) {
    const SessionLayout layout = make_session_layout(rings, slots, nodes, text);
    if (layout.total_bytes <= most_bytes && is_valid_layout(layout, ~0ull)) {
      if (raw_syscall(SYS_ftruncate, fd, layout.total_bytes) == 0) {
        const long base = raw_syscall(SYS_mmap, 0, layout.total_bytes,
                                      PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (syscall_succeeded(base)) {
          raw_syscall(SYS_fcntl, fd, F_ADD_SEALS,
                      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
          memory_ = SessionMemory(reinterpret_cast<void*>(base), layout);
          descriptor = static_cast<int>(fd);
          return true;
        }
      }
    }
    rings = rings / 4 < 4 ? 4 : rings / 4;
    slots = slots / 2 < 1024 ? 1024 : slots / 2;
    nodes = nodes / 4 < 16384 ? 16384 : nodes / 4;
    text = text / 2 < 65536 ? 65536 : text / 2;
  }
  raw_syscall(SYS_close, fd);
  say("not recording: this process may not map the memory for it (see ulimit -v, ulimit "
      "-f)");
  return false;
}

TextRef Session::copy_text(const SessionMemory& from, TextRef SessionHeader::*which) {
  if (!from) return 0;
  const TextRef text = from.header().*which;
  const std::uint64_t offset = text & 0xffffffff;
  const std::uint64_t length = text >> 32;
  const std::uint64_t bytes = from.layout().text_bytes;
  if (offset > bytes || length > bytes - offset) return 0;
  return memory_.add_text(from.text() + offset, length);
}

// A forked child's blocks keep the numbers of the stacks that their parent knew. They are
// not found again, only named: what the child interns is new.
void Session::copy_stacks() {
  if (!parent_memory_) return;
  const std::uint32_t known =
      parent_memory_.header().node_count.load(std::memory_order_acquire);
  if (known > parent_memory_.layout().node_capacity) return;
  if (known > memory_.layout().node_capacity / 2) return;
  memcpy(memory_.nodes(), parent_memory_.nodes(), known * sizeof(StackNode));
  memory_.header().node_count.store(known, std::memory_order_release);
}

void Session::fill_header() {
  SessionHeader& header = memory_.header();
  header.magic = kSessionMagic;
  header.version = kWireVersion;
  header.layout = memory_.layout();
  header.pid = pid_;
  header.parent_pid = forked_from_ != 0
                          ? forked_from_
                          : static_cast<std::uint32_t>(raw_syscall(SYS_getppid));
  header.clock = clock_.uses_tsc() ? SessionClock::kTsc : SessionClock::kMonotonicNs;
  header.start_ticks = clock_.now();
  header.start_monotonic_ns = monotonic_ns();
  // Room for long command lines without a large stack frame.
  constexpr std::size_t kCommandBytes = 65536;
  if (void* buffer = map_pages(kCommandBytes)) {
    char* bytes = static_cast<char*>(buffer);
    header.command =
        memory_.add_text(bytes, read_file("/proc/self/cmdline", bytes, kCommandBytes));
    const long n =
        raw_syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", bytes, kCommandBytes);
    if (n > 0) header.executable = memory_.add_text(bytes, static_cast<std::size_t>(n));
    unmap_pages(buffer, kCommandBytes);
  }
  // Without /proc (chroot), a forked child is still what its parent was.
  if (header.command == 0)
    header.command = copy_text(parent_memory_, &SessionHeader::command);
  if (header.executable == 0) {
    header.executable = copy_text(parent_memory_, &SessionHeader::executable);
  }
  header.recording.store(1, std::memory_order_release);
}

bool Session::start() {
  const KeepErrno keep;
  if (g_standard_error.st_ino == 0) remember_standard_error();
  if (getauxval(AT_SECURE) != 0) return false;
  const long filter = raw_syscall(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
  if (forked_from_ == 0) {
    first_filter_ = filter;
  } else if (filter != first_filter_) {
    say("not recording: this process has shut itself in (seccomp), and may not reach the "
        "collector");
    return false;
  }
  options_ = {};
  const OptionsRead read = read_runtime_options(options_);
  if (read.error.failed) {
    Text<256> line;
    line.add(read.source).add(": unknown or malformed option \"").add(read.error.text);
    say(line.add("\" ignored; see memoir run --help").c_str());
  }
  pid_ = static_cast<std::uint32_t>(raw_syscall(SYS_getpid));
  clock_.use_tsc(has_invariant_tsc());
  // The page outlives forks: a child finds it wiped, and opens it for itself.
  if (gate_ == &g_closed_gate) {
    void* page = map_page_wiped_on_fork();
    if (page == nullptr) {
      say("not recording: this kernel has no MADV_WIPEONFORK");
      return false;
    }
    gate_ = static_cast<std::atomic<std::uint32_t>*>(page);
  }

  DescriptorRoom room;
  CollectorLink link(room);
  if (!link.connect()) return false;
  int descriptor = -1;
  if (!map_memory(room, descriptor)) return false;
  fill_header();
  if (options_.mode != RunMode::kProfile) copy_stacks();
  const bool accepted = link.hand_over(descriptor, memory_);
  raw_syscall(SYS_close, descriptor);
  if (!accepted) {
    unmap_pages(&memory_.header(), memory_.layout().total_bytes);
    memory_ = {};
    return false;
  }
  remember_environment(link.name());
  const SessionLayout& layout = memory_.layout();
  depot_ = StackDepot(memory_.nodes(), layout.node_capacity, memory_.buckets(),
                      layout.bucket_count, &memory_.header().node_count);
  return true;
}

void Session::open_gate() { gate_->store(1, std::memory_order_release); }

void Session::stop(const char* reason) {
  const bool was_open = gate_->exchange(0, std::memory_order_acq_rel) != 0;
  if (was_open && reason != nullptr) say(reason);
}

void Session::forget_parent() {
  // The mapping is left where it is: a child of vfork would share it with its parent.
  parent_memory_ = memory_;
  memory_ = {};
  depot_ = {};
  forked_from_ = pid_;
}

}  // namespace memoir

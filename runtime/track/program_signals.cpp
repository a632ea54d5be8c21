#include "track/program_signals.h"

#include <atomic>
#include <cerrno>

#include "base/blocked_signals.h"
#include "base/pages.h"
#include "base/spin_lock.h"

namespace memoir {
namespace {

constexpr int kLastSignal = 64;
// Which the program's mask shows for SIGSEGV.
constexpr int kShadow = SIGSTKFLT;

// Signals that end a process unless it does something about them. Not SIGSYS: whoever
// gets that may do nothing any more.
constexpr int kTaken[] = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGABRT, SIGTRAP,
                          SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGALRM,
                          SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};

constexpr std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

// Who blocks these blocks all.
constexpr std::uint64_t kBesideTrap = bit(SIGTRAP - 1) | bit(SIGTRAP + 1);

constexpr std::uint64_t taken_bits() {
  std::uint64_t bits = 0;
  for (const int signal : kTaken) bits |= bit(signal);
  return bits;
}

// Of one signal. Who changes it writes the next version and then says that it is there:
// who reads waits for nobody.
struct Entry {
  static constexpr std::uint32_t kVersions = 8;
  mutable std::atomic<std::uint32_t> newest{0};
  Disposition versions[kVersions] = {};

  Disposition read() const {
    for (;;) {
      const std::uint32_t seen = newest.load(std::memory_order_acquire);
      const Disposition copy = versions[seen % kVersions];
      // Comes after the copy: a mere load would not.
      const std::uint32_t now = newest.fetch_add(0, std::memory_order_acq_rel);
      if (now - seen < kVersions - 1) return copy;
    }
  }
  void write(const Disposition& disposition) {
    const std::uint32_t next = newest.load(std::memory_order_relaxed) + 1;
    versions[next % kVersions] = disposition;
    newest.store(next, std::memory_order_release);
  }
};

constinit SignalFunctions g_functions;
constinit SignalHandler g_handler = nullptr;
constinit std::atomic<bool> g_taken{false};
constinit std::atomic<bool> g_before_traps{false};
constinit Entry g_entries[32] = {};
constinit SpinLock g_lock;
// The process that the table belongs to, in a page that a forked child finds wiped.
constinit std::atomic<std::uint32_t>* g_owner = nullptr;

std::uint64_t bits_of(const sigset_t& mask) {
  std::uint64_t bits = 0;
  __builtin_memcpy(&bits, &mask, sizeof bits);
  return bits;
}

sigset_t with_bits(const sigset_t& mask, std::uint64_t bits) {
  sigset_t changed = mask;
  __builtin_memcpy(&changed, &bits, sizeof bits);
  return changed;
}

bool owns_table() {
  if (g_owner == nullptr) return true;
  const auto pid = static_cast<std::uint32_t>(raw_syscall(SYS_getpid));
  const std::uint32_t owner = g_owner->load(std::memory_order_relaxed);
  if (owner == pid) return true;
  if (owner != 0) return false;  // a child of vfork
  // One of fork: whoever held the lock is not here.
  g_lock.unlock();
  g_owner->store(pid, std::memory_order_relaxed);
  return true;
}

std::uintptr_t handler_of(const struct sigaction& action) {
  return reinterpret_cast<std::uintptr_t>(action.sa_handler);
}

Disposition to_disposition(const struct sigaction& action) {
  return {handler_of(action), reinterpret_cast<std::uintptr_t>(action.sa_restorer),
          action.sa_flags, action.sa_mask};
}

struct sigaction to_action(const Disposition& disposition) {
  struct sigaction action {};
  action.sa_handler = reinterpret_cast<sighandler_t>(disposition.handler);
  action.sa_restorer = reinterpret_cast<void (*)()>(disposition.restorer);
  action.sa_flags = disposition.flags;
  action.sa_mask = disposition.mask;
  return action;
}

// Whether Memoir's handler stands before this one of the program's: always for SIGSEGV;
// otherwise where the process may end without another call of sigaction().
bool stands_before(int signal, const Disposition& disposition) {
  if (signal == SIGSEGV || (signal == SIGTRAP && g_before_traps.load())) return true;
  if (disposition.is_ignored()) return false;
  return disposition.is_default() || signal == SIGABRT ||
         (disposition.flags & static_cast<int>(SA_RESETHAND)) != 0;
}

// What the kernel is told. The handler in between is called as the program's is to be.
struct sigaction action_for_kernel(int signal, const Disposition& disposition) {
  struct sigaction action = to_action(disposition);
  std::uint64_t mask = bits_of(mask_for_kernel(disposition.mask));
  if (stands_before(signal, disposition)) {
    action.sa_sigaction = g_handler;
    action.sa_flags &= ~static_cast<int>(SA_RESETHAND);
    action.sa_flags |= SA_SIGINFO;
    if (disposition.is_default() || disposition.is_ignored()) {
      action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    }
    if (signal == SIGSEGV) {
      if ((action.sa_flags & SA_NODEFER) == 0) mask |= bit(kShadow);
      action.sa_flags |= SA_NODEFER;
    }
  }
  action.sa_mask = with_bits(action.sa_mask, mask);
  return action;
}

bool install(int signal) {
  const struct sigaction action = action_for_kernel(signal, g_entries[signal].read());
  return g_functions.sigaction(signal, &action, nullptr) == 0;
}

void take_signal(int signal) {
  struct sigaction now {};
  if (g_functions.sigaction(signal, nullptr, &now) != 0) return;
  const Disposition disposition = to_disposition(now);
  g_entries[signal].write(disposition);
  if (stands_before(signal, disposition)) install(signal);
}

// In a child of vfork.
int pass_through(int signal, const struct sigaction* action, struct sigaction* old) {
  if (g_functions.sigaction(signal, action, old) != 0) return -1;
  if (old == nullptr) return 0;
  const bool is_ours =
      (old->sa_flags & SA_SIGINFO) != 0 && old->sa_sigaction == g_handler;
  if (is_ours) *old = to_action(g_entries[signal].read());
  old->sa_mask = mask_for_program(old->sa_mask);
  return 0;
}

int change_untaken(int signal, const struct sigaction* action, struct sigaction* old) {
  struct sigaction changed {};
  if (action != nullptr) {
    changed = *action;
    changed.sa_mask = mask_for_kernel(action->sa_mask);
  }
  const int answer =
      g_functions.sigaction(signal, action == nullptr ? nullptr : &changed, old);
  if (answer == 0 && old != nullptr) old->sa_mask = mask_for_program(old->sa_mask);
  return answer;
}

}  // namespace

void take_signals(const SignalFunctions& functions, SignalHandler handler) {
  if (functions.sigaction == nullptr || functions.sigprocmask == nullptr) return;
  const int saved_errno = errno;
  g_functions = functions;
  g_handler = handler;
  g_owner = static_cast<std::atomic<std::uint32_t>*>(map_page_wiped_on_fork());
  if (g_owner != nullptr) {
    g_owner->store(static_cast<std::uint32_t>(raw_syscall(SYS_getpid)));
  }
  for (const int signal : kTaken) take_signal(signal);
  sigset_t mask = {};
  if (functions.sigprocmask(SIG_SETMASK, nullptr, &mask) == 0 && blocks_segv(mask)) {
    mask = mask_for_kernel(mask);
    functions.sigprocmask(SIG_SETMASK, &mask, nullptr);
  }
  g_taken.store(true, std::memory_order_release);
  errno = saved_errno;
}

bool signals_are_taken() { return g_taken.load(std::memory_order_acquire); }

void stand_before_traps() {
  if (!signals_are_taken()) return;
  const int saved_errno = errno;
  g_before_traps.store(true);
  install(SIGTRAP);
  sigset_t mask = {};
  if (g_functions.sigprocmask(SIG_SETMASK, nullptr, &mask) == 0) {
    mask = mask_for_kernel(mask);
    g_functions.sigprocmask(SIG_SETMASK, &mask, nullptr);
  }
  errno = saved_errno;
}

bool is_taken(int signal) {
  return signals_are_taken() && signal > 0 && signal < 32 &&
         (taken_bits() & bit(signal)) != 0;
}

Disposition program_disposition(int signal) { return g_entries[signal].read(); }

void reset_disposition(int signal) {
  const BlockedSignals blocked;
  if (!owns_table()) return;
  SpinGuard guard(g_lock);
  Disposition now = g_entries[signal].read();
  now.handler = 0;
  g_entries[signal].write(now);
}

void surrender_signal(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  g_functions.sigaction(signal, &action, nullptr);
}

bool blocks_segv(const sigset_t& kernel_mask) {
  return (bits_of(kernel_mask) & (bit(kShadow) | bit(SIGSEGV))) != 0;
}

sigset_t mask_for_kernel(const sigset_t& program_mask) {
  std::uint64_t bits = bits_of(program_mask) & ~bit(kShadow);
  if ((bits & bit(SIGSEGV)) != 0) bits = (bits & ~bit(SIGSEGV)) | bit(kShadow);
  if (g_before_traps.load(std::memory_order_relaxed) &&
      (bits & kBesideTrap) == kBesideTrap)
    bits &= ~bit(SIGTRAP);
  return with_bits(program_mask, bits);
}

sigset_t mask_for_program(const sigset_t& kernel_mask) {
  // In a full mask the other is there, too.
  constexpr std::uint64_t kUsual = bit(kShadow - 1) | bit(kShadow + 1);
  std::uint64_t bits = bits_of(kernel_mask);
  if (g_before_traps.load(std::memory_order_relaxed) &&
      (bits & kBesideTrap) == kBesideTrap)
    bits |= bit(SIGTRAP);
  if ((bits & (bit(kShadow) | bit(SIGSEGV))) == 0) return with_bits(kernel_mask, bits);
  bits = (bits & ~bit(kShadow)) | bit(SIGSEGV);
  if ((bits & kUsual) == kUsual) bits |= bit(kShadow);
  return with_bits(kernel_mask, bits);
}

int program_sigaction(int signal, const struct sigaction* action, struct sigaction* old) {
  if (signal < 1 || signal > kLastSignal || !is_taken(signal)) {
    return change_untaken(signal, action, old);
  }
  if (!owns_table()) return pass_through(signal, action, old);
  Entry& entry = g_entries[signal];
  if (action == nullptr) {
    if (old != nullptr) *old = to_action(entry.read());
    return 0;
  }
  Disposition wanted = to_disposition(*action);  // may be bad memory: read it first
  Disposition before;
  {
    const BlockedSignals blocked;
    SpinGuard guard(g_lock);
    before = entry.read();
    const struct sigaction changed = action_for_kernel(signal, wanted);
    if (g_functions.sigaction(signal, &changed, nullptr) != 0) return -1;
    struct sigaction made {};
    if (g_functions.sigaction(signal, nullptr, &made) == 0) {
      // What libc adds.
      wanted.restorer = reinterpret_cast<std::uintptr_t>(made.sa_restorer);
      constexpr int kRestorer = 0x04000000;
      wanted.flags |= made.sa_flags & kRestorer;
    }
    entry.write(wanted);
  }
  if (old != nullptr) *old = to_action(before);
  return 0;
}

int program_sigprocmask(int how, const sigset_t* mask, sigset_t* old) {
  sigset_t changed = {};
  if (mask != nullptr) {
    changed = mask_for_kernel(*mask);
    // One that was sent may be held back in earnest.
    if (how == SIG_UNBLOCK && (bits_of(*mask) & bit(SIGSEGV)) != 0) {
      changed = with_bits(changed, bits_of(changed) | bit(SIGSEGV));
    }
  }
  const int answer =
      g_functions.sigprocmask(how, mask == nullptr ? nullptr : &changed, old);
  if (answer == 0 && old != nullptr) *old = mask_for_program(*old);
  return answer;
}

TrueSignals::TrueSignals() {
  if (!signals_are_taken()) return;
  const int saved_errno = errno;
  for (const int signal : {SIGSEGV, SIGTRAP}) {
    const Disposition disposition = program_disposition(signal);
    if (!disposition.is_ignored() || !stands_before(signal, disposition)) continue;
    ignored_ |= std::uint64_t{1} << signal;
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    g_functions.sigaction(signal, &action, nullptr);
  }
  sigset_t mask = {};
  if (g_functions.sigprocmask(SIG_SETMASK, nullptr, &mask) == 0) {
    std::uint64_t bits = bits_of(mask_for_program(mask));
    if (blocks_segv(mask)) bits &= ~bit(kShadow);
    changes_mask_ = bits != bits_of(mask);
    mask = with_bits(mask, bits);
    if (changes_mask_) g_functions.sigprocmask(SIG_SETMASK, &mask, nullptr);
  }
  errno = saved_errno;
}

TrueSignals::~TrueSignals() {
  const int saved_errno = errno;
  for (const int signal : {SIGSEGV, SIGTRAP}) {
    if (is_ignored(signal)) install(signal);
  }
  if (changes_mask_) {
    sigset_t mask = {};
    g_functions.sigprocmask(SIG_SETMASK, nullptr, &mask);
    mask = mask_for_kernel(mask);
    g_functions.sigprocmask(SIG_SETMASK, &mask, nullptr);
  }
  errno = saved_errno;
}

void lock_signals() { g_lock.lock(); }
void unlock_signals() { g_lock.unlock(); }

}  // namespace memoir

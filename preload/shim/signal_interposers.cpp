// Functions that say what shall happen when a signal comes, and which ones may not. In
// profile mode they only pass things on.

#include "shim/signal_interposers.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include <atomic>
#include <cerrno>

#include "base/compiler.h"
#include "shim/real_functions.h"

namespace memoir {
namespace {

// Signals whose handlers siginterrupt() wants to break off system calls.
constinit std::atomic<std::uint64_t> g_interrupting{0};

std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

template <typename Function>
Function* next_function(Function*& known, const char* name) {
  if (known == nullptr) known = reinterpret_cast<Function*>(find_next(name));
  return known;
}

int set_action(int signal, const struct sigaction* action, struct sigaction* old) {
  if (signals_are_taken()) return program_sigaction(signal, action, old);
  return real_signal_functions().sigaction(signal, action, old);
}

int set_mask(int how, const sigset_t* mask, sigset_t* old) {
  if (signals_are_taken()) return program_sigprocmask(how, mask, old);
  return real_signal_functions().sigprocmask(how, mask, old);
}

// signal() in all its forms.
sighandler_t set_handler(int signal, sighandler_t handler, int flags, bool masks_itself) {
  if (handler == SIG_ERR || signal < 1 || signal >= NSIG) {
    errno = EINVAL;
    return SIG_ERR;
  }
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  if (masks_itself) sigaddset(&action.sa_mask, signal);
  struct sigaction old {};
  return set_action(signal, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

sighandler_t set_lasting_handler(int signal, sighandler_t handler) {
  const bool interrupts =
      signal >= 1 && signal < NSIG && (g_interrupting.load() & bit(signal)) != 0;
  return set_handler(signal, handler, interrupts ? 0 : SA_RESTART, true);
}

sighandler_t set_handler_once(int signal, sighandler_t handler) {
  return set_handler(signal, handler, static_cast<int>(SA_RESETHAND | SA_NODEFER), false);
}

// Whether the signal was blocked before; -1 with errno.
int block_signal(int how, int signal) {
  sigset_t one, old;
  sigemptyset(&one);
  if (sigaddset(&one, signal) != 0 || set_mask(how, &one, &old) != 0) return -1;
  return sigismember(&old, signal);
}

// A mask that the kernel shall have for one call.
class KernelMask {
 public:
  explicit KernelMask(const sigset_t* mask) : given_(mask) {
    if (mask != nullptr && signals_are_taken()) changed_ = mask_for_kernel(*mask);
  }
  const sigset_t* get() const {
    return given_ != nullptr && signals_are_taken() ? &changed_ : given_;
  }

 private:
  const sigset_t* given_;
  sigset_t changed_ = {};
};

}  // namespace

const SignalFunctions& real_signal_functions() {
  static constinit SignalFunctions found;
  if (MEMOIR_UNLIKELY(found.sigprocmask == nullptr)) {
    found.sigaction = reinterpret_cast<decltype(found.sigaction)>(find_next("sigaction"));
    found.sigprocmask =
        reinterpret_cast<decltype(found.sigprocmask)>(find_next("sigprocmask"));
  }
  return found;
}

}  // namespace memoir

MEMOIR_EXPORT int sigaction(int signal, const struct sigaction* action,
                            struct sigaction* old) {
  return memoir::set_action(signal, action, old);
}

// NOLINTNEXTLINE(readability-identifier-naming): libc's name
MEMOIR_EXPORT int __sigaction(int signal, const struct sigaction* action,
                              struct sigaction* old) {
  return memoir::set_action(signal, action, old);
}

MEMOIR_EXPORT sighandler_t signal(int signal, sighandler_t handler) {
  return memoir::set_lasting_handler(signal, handler);
}

MEMOIR_EXPORT sighandler_t bsd_signal(int signal, sighandler_t handler) {
  return memoir::set_lasting_handler(signal, handler);
}

MEMOIR_EXPORT sighandler_t ssignal(int signal, sighandler_t handler) {
  return memoir::set_lasting_handler(signal, handler);
}

MEMOIR_EXPORT sighandler_t sysv_signal(int signal, sighandler_t handler) {
  return memoir::set_handler_once(signal, handler);
}

MEMOIR_EXPORT sighandler_t __sysv_signal(int signal, sighandler_t handler) {
  return memoir::set_handler_once(signal, handler);
}

MEMOIR_EXPORT sighandler_t sigset(int signal, sighandler_t handler) {
  if (handler == SIG_HOLD) {
    const int was_blocked = memoir::block_signal(SIG_BLOCK, signal);
    if (was_blocked != 0) return was_blocked > 0 ? SIG_HOLD : SIG_ERR;
    struct sigaction now {};
    return memoir::set_action(signal, nullptr, &now) == 0 ? now.sa_handler : SIG_ERR;
  }
  const sighandler_t before = memoir::set_handler(signal, handler, 0, false);
  if (before == SIG_ERR) return SIG_ERR;
  const int was_blocked = memoir::block_signal(SIG_UNBLOCK, signal);
  if (was_blocked < 0) return SIG_ERR;
  return was_blocked > 0 ? SIG_HOLD : before;
}

MEMOIR_EXPORT int sigignore(int signal) {
  return memoir::set_handler(signal, SIG_IGN, 0, false) == SIG_ERR ? -1 : 0;
}

MEMOIR_EXPORT int sighold(int signal) {
  return memoir::block_signal(SIG_BLOCK, signal) < 0 ? -1 : 0;
}

MEMOIR_EXPORT int sigrelse(int signal) {
  return memoir::block_signal(SIG_UNBLOCK, signal) < 0 ? -1 : 0;
}

MEMOIR_EXPORT int siginterrupt(int signal, int interrupts) {
  struct sigaction action {};
  if (memoir::set_action(signal, nullptr, &action) != 0) return -1;
  if (interrupts != 0) {
    memoir::g_interrupting |= memoir::bit(signal);
    action.sa_flags &= ~SA_RESTART;
  } else {
    memoir::g_interrupting &= ~memoir::bit(signal);
    action.sa_flags |= SA_RESTART;
  }
  return memoir::set_action(signal, &action, nullptr);
}

MEMOIR_EXPORT int sigprocmask(int how, const sigset_t* mask, sigset_t* old) {
  return memoir::set_mask(how, mask, old);
}

MEMOIR_EXPORT int pthread_sigmask(int how, const sigset_t* mask, sigset_t* old) {
  const int saved_errno = errno;
  if (memoir::set_mask(how, mask, old) == 0) return 0;
  const int error = errno;
  errno = saved_errno;
  return error;
}

MEMOIR_EXPORT int sigsuspend(const sigset_t* mask) {
  using Function = int(const sigset_t*);
  static constinit Function* real = nullptr;
  const memoir::KernelMask changed(mask);
  return memoir::next_function(real, "sigsuspend")(changed.get());
}

MEMOIR_EXPORT int ppoll(struct pollfd* files, nfds_t count,
                        const struct timespec* timeout, const sigset_t* mask) {
  using Function = int(struct pollfd*, nfds_t, const struct timespec*, const sigset_t*);
  static constinit Function* real = nullptr;
  const memoir::KernelMask changed(mask);
  return memoir::next_function(real, "ppoll")(files, count, timeout, changed.get());
}

MEMOIR_EXPORT int pselect(int count, fd_set* read, fd_set* write, fd_set* except,
                          const struct timespec* timeout, const sigset_t* mask) {
  using Function =
      int(int, fd_set*, fd_set*, fd_set*, const struct timespec*, const sigset_t*);
  static constinit Function* real = nullptr;
  const memoir::KernelMask changed(mask);
  return memoir::next_function(real, "pselect")(count, read, write, except, timeout,
                                                changed.get());
}

MEMOIR_EXPORT int epoll_pwait(int epoll, struct epoll_event* events, int most,
                              int timeout, const sigset_t* mask) {
  using Function = int(int, struct epoll_event*, int, int, const sigset_t*);
  static constinit Function* real = nullptr;
  const memoir::KernelMask changed(mask);
  return memoir::next_function(real, "epoll_pwait")(epoll, events, most, timeout,
                                                    changed.get());
}

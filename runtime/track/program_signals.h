#pragma once

// What the program believes of its signals, while a handler of Memoir's stands before its
// own: for the fault that a guard page raises (SIGSEGV), and for signals that would end
// the process, so that its blocks are looked at before.
//
//   program ──► sigaction() ──► this table ──► kernel: Memoir's handler, with the flags
//                                              and the mask of the program's
//
// Invariants:
//  (1) What the program asks for is what it is told: its handlers, flags and masks.
//  (2) The kernel never blocks SIGSEGV on the program's behalf: a guard that is touched
//      while it is blocked would end the process. SIGSTKFLT, which no kernel sends, is
//      blocked in its place: so all that saves and restores masks (handlers, siglongjmp,
//      contexts) works as ever.
//      SIGTRAP is left unblocked only where all signals are to be blocked.
//  (3) A child of vfork has dispositions of its own, but shares this table: it only goes
//      through to the kernel.
//
// Thread safety: any thread, and signal handlers. errno as libc's functions have it.

#include <signal.h>

#include <cstdint>

namespace memoir {

// What stands behind the interposers.
struct SignalFunctions {
  int (*sigaction)(int, const struct sigaction*, struct sigaction*) = nullptr;
  int (*sigprocmask)(int, const sigset_t*, sigset_t*) = nullptr;
};

using SignalHandler = void (*)(int, siginfo_t*, void*);

// Puts `handler` before the program's, for every signal that is taken. Once, before the
// program has a handler of its own.
void take_signals(const SignalFunctions& functions, SignalHandler handler);
bool signals_are_taken();

// From now on the handler also stands before one of the program's for SIGTRAP, which
// breakpoints raise; and a mask that has SIGTRAP and the two signals beside it does not
// block it in earnest.
void stand_before_traps();

bool is_taken(int signal);

// A handler of the program's. `handler` may be SIG_DFL, SIG_IGN, or take one argument.
struct Disposition {
  std::uintptr_t handler = 0;
  std::uintptr_t restorer = 0;
  int flags = 0;
  sigset_t mask = {};

  bool is_default() const { return handler == 0; }
  bool is_ignored() const { return handler == 1; }
};

// Of a taken signal. Waits for nobody.
Disposition program_disposition(int signal);
// SA_RESETHAND: what is called now is not called again.
void reset_disposition(int signal);
// Leaves the signal to the kernel, which ends the process by it.
void surrender_signal(int signal);

// Whether the program has SIGSEGV blocked, in a mask of the kernel's.
bool blocks_segv(const sigset_t& kernel_mask);
// As the kernel has a mask of the program's, and the other way round.
sigset_t mask_for_kernel(const sigset_t& program_mask);
sigset_t mask_for_program(const sigset_t& kernel_mask);

// sigaction() and sigprocmask() as the program calls them.
int program_sigaction(int signal, const struct sigaction* action, struct sigaction* old);
int program_sigprocmask(int how, const sigset_t* mask, sigset_t* old);

// While such an object lives, what a program inherits that is started now is as the
// program believes it to be.
class TrueSignals {
 public:
  TrueSignals();
  ~TrueSignals();
  TrueSignals(const TrueSignals&) = delete;
  TrueSignals& operator=(const TrueSignals&) = delete;

 private:
  bool is_ignored(int signal) const { return (ignored_ >> signal & 1) != 0; }

  std::uint64_t ignored_ = 0;
  bool changes_mask_ = false;
};

// Around fork().
void lock_signals();
void unlock_signals();

}  // namespace memoir

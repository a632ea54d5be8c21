#pragma once

// The modules (executable, libraries) whose code appeared in stacks, and the ones that
// were unloaded since. New ones are noticed when an address of theirs is first interned,
// so that dlopen, which looks at its caller, need not be interposed.
//
// Invariant: a module's load event is in a ring before any event whose stack has an
// address of it, in the same ring.
//
// Thread safety: any thread. Not from a signal handler that interrupted it; the tracker
// sees to that. Holds no lock across calls into libc.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"

namespace memoir {

struct ModuleImage {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t bias = 0;  // what is added to the file's addresses
  const char* name = nullptr;
  const std::uint8_t* build_id = nullptr;
  std::size_t build_id_size = 0;
};

// The loaded module that covers `pc`, as the dynamic linker tells it. False when none
// does.
bool find_module(std::uint64_t pc, ModuleImage& module);

class ModuleRegistry {
 public:
  // Whether `pc` lies in no module known so far.
  bool is_unknown(std::uint64_t pc);
  // Remembers a module; false when it is known already (or there is no room).
  bool add(const ModuleImage& module);

  // Calls `unloaded(begin, end)` for each known module that is gone, and forgets it. True
  // when there was one.
  template <typename Unloaded>
  bool drop_unloaded(Unloaded unloaded);

  // Goes up with every module that was unloaded: what was known about addresses is void.
  std::uint32_t generation() const { return generation_.load(std::memory_order_acquire); }

  // How many modules were unloaded from the place of `pc`: it tells apart two that were
  // mapped there one after the other.
  std::uint64_t tenant_of(std::uint64_t pc);

  // In a forked child: no lock is held by anybody.
  void forget();

 private:
  static constexpr std::size_t kMost = 2048;
  static constexpr std::size_t kMostUnloaded = 256;

  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  bool take_unloaded(Range& range);

  SpinLock lock_;
  std::atomic<std::uint32_t> generation_{0};
  std::size_t count_ = 0;
  std::size_t unloaded_count_ = 0;
  Range known_[kMost] = {};
  Range unloaded_[kMostUnloaded] = {};
};

template <typename Unloaded>
bool ModuleRegistry::drop_unloaded(Unloaded unloaded) {
  bool any = false;
  Range range;
  while (take_unloaded(range)) {
    unloaded(range.begin, range.end);
    any = true;
  }
  return any;
}

}  // namespace memoir

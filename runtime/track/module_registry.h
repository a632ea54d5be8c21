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
  // The dynamic linker's record of it; may be reused for another when it is gone.
  const void* record = nullptr;
};

// The loaded module that covers `pc`, as the dynamic linker tells it. False when none
// does. Reads the module's own headers: `pc` must be on the caller's stack, or the module
// be kept from being unloaded otherwise.
bool find_module(std::uint64_t pc, ModuleImage& module);

class ModuleRegistry {
 public:
  enum class Place : std::uint8_t {
    kUnknown,   // in no module known so far
    kKnown,     // in a known module
    kReplaced,  // in another module than the one that is known there
  };

  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  // What is known of the place of `pc`, which is on the caller's stack. `range` is that
  // of the known module.
  Place look_up(std::uint64_t pc, Range& range);
  // Remembers a module; false when it is known already (or there is no room).
  bool add(const ModuleImage& module);
  // Forgets the known module that begins there: it was unloaded. False when another
  // thread was faster.
  bool drop(const Range& range);

  // Calls `unloaded(begin, end)` for each known module that is gone, and forgets it. True
  // when there was one. Other threads may be loading and unloading meanwhile.
  template <typename Unloaded>
  bool drop_unloaded(Unloaded unloaded);

  // Around a call that may unload modules. In between, another module may take the place
  // of a known one at any moment, and nobody has noticed yet: every address must be
  // looked up.
  void begin_unload() { unloading_.fetch_add(1, std::memory_order_seq_cst); }
  void end_unload() { unloading_.fetch_sub(1, std::memory_order_release); }
  bool is_unloading() const { return unloading_.load(std::memory_order_acquire) != 0; }

  // Goes up with every module that was unloaded: what was known about addresses is void.
  std::uint32_t generation() const { return generation_.load(std::memory_order_acquire); }

  // Tells apart the modules that were mapped at the place of `pc` one after the other: 0
  // for the first, and the same number again for one that comes back. False when no
  // module is known there now.
  bool find_tenant(std::uint64_t pc, std::uint64_t& tenant);

  // In a forked child: no lock is held by anybody.
  void forget();

 private:
  static constexpr std::size_t kMost = 2048;
  // Numbers of tenants go round; the depot has 16 bits for them.
  static constexpr std::uint16_t kMostTenants = 0xffff;
  static constexpr std::size_t kBuildIdBytes = 20;

  // A module that is loaded, or was.
  struct Known {
    Range range;
    bool loaded = false;
    std::uint16_t tenant = 0;
    const void* record = nullptr;
    std::size_t name_length = 0;
    std::uint64_t name_hash = 0;
    std::uint64_t build_id_at = 0;
    std::size_t build_id_size = 0;
    std::uint8_t build_id[kBuildIdBytes] = {};
  };

  static Known to_known(const ModuleImage& module);
  static bool is_same(const Known& a, const Known& b);
  static void set_name(Known& known, const char* name, std::size_t length);
  static bool read_identity(Known& known);
  // Whether the module is still there. Reads nothing that may be unmapped meanwhile.
  static bool is_loaded(const Known& known);
  bool take_unloaded(Range& range);
  Known* find_loaded(std::uint64_t pc);
  Known* find_place_for(const Known& module);

  SpinLock lock_;
  std::atomic<std::uint32_t> generation_{0};
  std::atomic<std::uint32_t> unloading_{0};
  std::size_t count_ = 0;
  std::uint16_t last_tenant_ = 0;
  Known known_[kMost] = {};
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

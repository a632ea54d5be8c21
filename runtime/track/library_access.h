#pragma once

// What libmemoir_bounds.so and the runtime have in common: the one looks at the arguments
// of libc's functions, the other knows the heap and tells of what is wrong.
//
// Both libraries are of one build, and are installed together: the first reads the heap's
// records by itself where nothing is wrong. `layout` says whether they are.
//
// Thread safety and signals: everything from anywhere; errno is preserved.

#include <cstddef>
#include <cstdint>

#include "base/fault_kind.h"
#include "heap/checked_heap.h"

namespace memoir {

// A range that a function of libc is about to touch for the program.
struct LibraryAccess {
  const char* function = nullptr;
  FaultAccess access = FaultAccess::kUnknown;
  std::uintptr_t address = 0;
  std::size_t size = 0;
  // Something else was wrong with the call, and this is what comes of it: it is not told,
  // nor found later.
  bool is_consequence = false;
};

inline constexpr std::uint64_t kHeapLayout = sizeof(CheckedHeap) ^
                                             std::uint64_t{sizeof(Slab)} << 32 ^
                                             std::uint64_t{sizeof(BlockRecord)} << 48;

struct BoundsInterface {
  std::uint64_t layout = kHeapLayout;
  // The heap that serves the process; nullptr until there is one.
  const CheckedHeap* (*heap)() = nullptr;
  // Tells what is wrong with an access. False when nothing is. A write that was judged so
  // must be settled after it.
  bool (*judge)(const LibraryAccess& access, const void* frame) = nullptr;
  // Two ranges overlap that must not; `other` is where the second begins.
  void (*tell_overlap)(const LibraryAccess& access, std::uintptr_t other,
                       const void* frame) = nullptr;
  void (*settle)(const LibraryAccess& access) = nullptr;
  // Before a call that is judged after it.
  void (*enter)() = nullptr;
  // After such a call, or one of which something was told.
  void (*leave)() = nullptr;
};

// The functions of the interface.
const CheckedHeap* heap_of_process();
bool judge_library_access(const LibraryAccess& access, const void* frame);
void tell_library_overlap(const LibraryAccess& access, std::uintptr_t other,
                          const void* frame);
void settle_library_access(const LibraryAccess& access);
void enter_library_call();
void leave_library_call();

// Whether the calling thread stands in a call that is told of: guards that are touched
// in it are opened without another word.
bool is_in_told_call();

}  // namespace memoir

#pragma once

// What the interceptors ask of the heap, and whom they tell.
//
// Thread safety and signals: everything from anywhere; errno is preserved.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"
#include "heap/bytes_left.h"
#include "track/library_access.h"

namespace memoir {

// What is not the heap's has no bounds that are known.
inline constexpr std::size_t kUnbounded = ~std::size_t{0};

// The heap, once it was seen; it never changes then.
extern constinit const CheckedHeap* g_seen_heap;
MEMOIR_SLOW_PATH const CheckedHeap* look_for_heap();

// How many bytes may be touched from an address on: 0 where it lies in freed memory or
// beside a block.
MEMOIR_FAST_PATH std::size_t room_at(const void* at) {
  const CheckedHeap* heap = g_seen_heap;
  if (MEMOIR_UNLIKELY(heap == nullptr)) {
    heap = look_for_heap();
    if (heap == nullptr) return kUnbounded;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  const Slab* slab = heap->slab_of(address);
  return MEMOIR_LIKELY(slab == nullptr) ? kUnbounded : bytes_left(*slab, address);
}

// Whether two ranges of this size have a byte in common; equal ones included.
MEMOIR_FAST_PATH bool overlap(const void* a, const void* b, std::size_t size) {
  const auto first = reinterpret_cast<std::uintptr_t>(a);
  const auto second = reinterpret_cast<std::uintptr_t>(b);
  return first - second < size || second - first < size;
}

// A call whose arguments do not look sound: what it is about to do is judged range by
// range, then the real function called, then what it damaged beyond the block it was to
// write is mended by the destructor.
//
//   SuspectCall call("strcpy", MEMOIR_FRAME);
//   call.reads(from, size);
//   call.writes(to, size);
//   return g_libc.strcpy(to, from);
class SuspectCall {
 public:
  SuspectCall(const char* function, const void* frame)
      : function_(function), frame_(frame) {}
  SuspectCall(const SuspectCall&) = delete;
  SuspectCall& operator=(const SuspectCall&) = delete;
  MEMOIR_SLOW_PATH ~SuspectCall();

  MEMOIR_SLOW_PATH void reads(const void* from, std::size_t size);
  MEMOIR_SLOW_PATH void writes(void* to, std::size_t size);
  // The last of the writes was longer than was known before it.
  void has_written(std::size_t size) {
    if (count_ != 0 && writes_[count_ - 1].size < size) writes_[count_ - 1].size = size;
  }
  // Ranges that must have nothing in common, unless they are the same.
  MEMOIR_SLOW_PATH void copies(void* to, const void* from, std::size_t size);

  // What it touches beyond its blocks is told after it, when it is known; no guard that
  // is touched meanwhile is told of by itself.
  MEMOIR_SLOW_PATH void is_told_later();

  // What follows is what comes of an error that was told.
  void go_on_silently() { silent_ = true; }

 private:
  static constexpr std::size_t kMostWrites = 8;

  LibraryAccess access(FaultAccess kind, const void* at, std::size_t size) const;

  const char* function_;
  const void* frame_;
  bool silent_ = false;
  bool told_ = false;
  std::size_t count_ = 0;
  LibraryAccess writes_[kMostWrites];
};

}  // namespace memoir

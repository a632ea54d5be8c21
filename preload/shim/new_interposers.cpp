// operator new and delete. What succeeds comes straight from the real malloc, as the C++
// runtime's own would do; what fails is handed to the C++ runtime, which knows about
// new_handler and throws. Exceptions pass through here unharmed: nothing needs clean-up.

#include <bit>
#include <cstdint>
#include <new>
#include <type_traits>

#include "base/check.h"
#include "shim/bootstrap_heap.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/allocation_failures.h"
#include "track/checked_allocator.h"
#include "track/foreign_block.h"
#include "track/misuse_report.h"
#include "track/tracker.h"

namespace memoir {
namespace {

// The C++ runtime's function of the same name and type.
template <typename Function>
Function* runtime_function(const char* name) {
  return reinterpret_cast<Function*>(find_in_cxx_runtime(name));
}

// What the C++ runtime is asked for where `size` was: a size that cannot be meant has
// been reported, and the malloc the runtime tries fails for this one without another
// word.
std::size_t size_to_fail_with(std::size_t size) {
  const bool reported = serves_blocks() && !real().custom_new && size > PTRDIFF_MAX;
  constexpr std::size_t kMoreThanThereIs = std::size_t{1} << 62;
  return reported ? kMoreThanThereIs : size;
}

template <typename... Arguments>
MEMOIR_SLOW_PATH void* call_runtime_new(const char* name, std::size_t size,
                                        Arguments... arguments) {
  auto* function = runtime_function<void*(std::size_t, Arguments...)>(name);
  // Only a program without any C++ runtime gets here, by calling operator new from C.
  check(function != nullptr,
        "operator new failed, and there is no C++ runtime to say so");
  void* block = function(size_to_fail_with(size), arguments...);
  after_runtime_new();
  return block;
}

std::uint8_t log2_of(std::align_val_t alignment) {
  return static_cast<std::uint8_t>(std::countr_zero(static_cast<std::size_t>(alignment)));
}

MEMOIR_FAST_PATH void* try_new(Api api, std::size_t size, const void* frame) {
  if (MEMOIR_UNLIKELY(real().custom_new)) return nullptr;
  if (is_new_made_to_fail(api, size, frame)) return nullptr;
  if (serves_blocks()) return checked_alloc(api, size, 0, false, frame);
  void* block = real().malloc(size == 0 ? 1 : size);
  if (MEMOIR_LIKELY(block != nullptr)) track_alloc(api, block, size, 0, frame);
  return block;
}

MEMOIR_FAST_PATH void* try_new_aligned(Api api, std::size_t size,
                                       std::align_val_t alignment, const void* frame) {
  const auto bytes = static_cast<std::size_t>(alignment);
  if (MEMOIR_UNLIKELY(real().custom_new)) return nullptr;
  if (MEMOIR_UNLIKELY(!std::has_single_bit(bytes))) {
    if (serves_blocks()) report_bad_alignment(api, bytes, frame);
    return nullptr;
  }
  if (is_new_made_to_fail(api, size, frame)) return nullptr;
  if (serves_blocks()) return checked_alloc(api, size, log2_of(alignment), false, frame);
  void* block = real().memalign(bytes, size == 0 ? 1 : size);
  if (MEMOIR_LIKELY(block != nullptr)) {
    track_alloc(api, block, size, log2_of(alignment), frame);
  }
  return block;
}

// Whether try_new_aligned() reported the alignment: the C++ runtime's function that
// throws nothing comes back through the one that does.
bool is_reported_alignment(std::align_val_t alignment) {
  return serves_blocks() && !real().custom_new &&
         !std::has_single_bit(static_cast<std::size_t>(alignment));
}

// The alignment among the arguments of an operator delete.
constexpr std::uint8_t claimed_alignment() { return kNoAlignment; }
template <typename First, typename... Rest>
std::uint8_t claimed_alignment(First first, Rest... rest) {
  if constexpr (std::is_same_v<First, std::align_val_t>) {
    return log2_of(first);
  } else {
    return claimed_alignment(rest...);
  }
}

template <typename... Arguments>
MEMOIR_FAST_PATH void release(Api api, const char* name, void* block, std::size_t size,
                              const void* frame, Arguments... arguments) {
  if (block == nullptr || is_bootstrap_block(block)) return;
  if (MEMOIR_UNLIKELY(real().custom_new)) {
    if (auto* function = runtime_function<void(void*, Arguments...)>(name)) {
      return function(block, arguments...);
    }
  }
  if (serves_blocks()) {
    if (checked_free(api, block, size, claimed_alignment(arguments...), frame)) return;
    if (!is_foreign_block(block)) return report_invalid_free(api, block, frame);
  }
  track_free(api, block, size, frame);
  real().free(block);
}

}  // namespace
}  // namespace memoir

using memoir::Api;

// One operator new of each kind: exported name, parameters, and how it tries.
#define MEMOIR_NEW(api, symbol)                                                       \
  MEMOIR_EXPORT void* symbol(std::size_t size) {                                      \
    void* block = memoir::try_new(Api::api, size, MEMOIR_FRAME);                      \
    return MEMOIR_LIKELY(block != nullptr) ? block                                    \
                                           : memoir::call_runtime_new(#symbol, size); \
  }
#define MEMOIR_NEW_NOTHROW(api, symbol)                                     \
  MEMOIR_EXPORT void* symbol(std::size_t size, const std::nothrow_t* tag) { \
    void* block = memoir::try_new(Api::api, size, MEMOIR_FRAME);            \
    return MEMOIR_LIKELY(block != nullptr)                                  \
               ? block                                                      \
               : memoir::call_runtime_new(#symbol, size, tag);              \
  }
#define MEMOIR_NEW_ALIGNED(api, symbol)                                             \
  MEMOIR_EXPORT void* symbol(std::size_t size, std::align_val_t alignment) {        \
    void* block = memoir::try_new_aligned(Api::api, size, alignment, MEMOIR_FRAME); \
    return MEMOIR_LIKELY(block != nullptr)                                          \
               ? block                                                              \
               : memoir::call_runtime_new(#symbol, size, alignment);                \
  }
#define MEMOIR_NEW_ALIGNED_NOTHROW(api, symbol)                                     \
  MEMOIR_EXPORT void* symbol(std::size_t size, std::align_val_t alignment,          \
                             const std::nothrow_t* tag) {                           \
    void* block = memoir::try_new_aligned(Api::api, size, alignment, MEMOIR_FRAME); \
    if (MEMOIR_LIKELY(block != nullptr)) return block;                              \
    if (memoir::is_reported_alignment(alignment)) return nullptr;                   \
    return memoir::call_runtime_new(#symbol, size, alignment, tag);                 \
  }

MEMOIR_NEW(kNew, _Znwm)
MEMOIR_NEW(kNewArray, _Znam)
MEMOIR_NEW_NOTHROW(kNewNothrow, _ZnwmRKSt9nothrow_t)
MEMOIR_NEW_NOTHROW(kNewArrayNothrow, _ZnamRKSt9nothrow_t)
MEMOIR_NEW_ALIGNED(kNewAligned, _ZnwmSt11align_val_t)
MEMOIR_NEW_ALIGNED(kNewArrayAligned, _ZnamSt11align_val_t)
MEMOIR_NEW_ALIGNED_NOTHROW(kNewAlignedNothrow, _ZnwmSt11align_val_tRKSt9nothrow_t)
MEMOIR_NEW_ALIGNED_NOTHROW(kNewArrayAlignedNothrow, _ZnamSt11align_val_tRKSt9nothrow_t)

// One operator delete of each kind.
#define MEMOIR_DELETE(api, symbol)                              \
  MEMOIR_EXPORT void symbol(void* block) {                      \
    memoir::release(Api::api, #symbol, block, 0, MEMOIR_FRAME); \
  }
#define MEMOIR_DELETE_NOTHROW(api, symbol)                            \
  MEMOIR_EXPORT void symbol(void* block, const std::nothrow_t* tag) { \
    memoir::release(Api::api, #symbol, block, 0, MEMOIR_FRAME, tag);  \
  }
#define MEMOIR_DELETE_SIZED(api, symbol)                                 \
  MEMOIR_EXPORT void symbol(void* block, std::size_t size) {             \
    memoir::release(Api::api, #symbol, block, size, MEMOIR_FRAME, size); \
  }
#define MEMOIR_DELETE_ALIGNED(api, symbol)                                 \
  MEMOIR_EXPORT void symbol(void* block, std::align_val_t alignment) {     \
    memoir::release(Api::api, #symbol, block, 0, MEMOIR_FRAME, alignment); \
  }
#define MEMOIR_DELETE_SIZED_ALIGNED(api, symbol)                                         \
  MEMOIR_EXPORT void symbol(void* block, std::size_t size, std::align_val_t alignment) { \
    memoir::release(Api::api, #symbol, block, size, MEMOIR_FRAME, size, alignment);      \
  }
#define MEMOIR_DELETE_ALIGNED_NOTHROW(api, symbol)                              \
  MEMOIR_EXPORT void symbol(void* block, std::align_val_t alignment,            \
                            const std::nothrow_t* tag) {                        \
    memoir::release(Api::api, #symbol, block, 0, MEMOIR_FRAME, alignment, tag); \
  }

MEMOIR_DELETE(kDelete, _ZdlPv)
MEMOIR_DELETE(kDeleteArray, _ZdaPv)
MEMOIR_DELETE_NOTHROW(kDeleteNothrow, _ZdlPvRKSt9nothrow_t)
MEMOIR_DELETE_NOTHROW(kDeleteArrayNothrow, _ZdaPvRKSt9nothrow_t)
MEMOIR_DELETE_SIZED(kDeleteSized, _ZdlPvm)
MEMOIR_DELETE_SIZED(kDeleteArraySized, _ZdaPvm)
MEMOIR_DELETE_ALIGNED(kDeleteAligned, _ZdlPvSt11align_val_t)
MEMOIR_DELETE_ALIGNED(kDeleteArrayAligned, _ZdaPvSt11align_val_t)
MEMOIR_DELETE_SIZED_ALIGNED(kDeleteSizedAligned, _ZdlPvmSt11align_val_t)
MEMOIR_DELETE_SIZED_ALIGNED(kDeleteArraySizedAligned, _ZdaPvmSt11align_val_t)
MEMOIR_DELETE_ALIGNED_NOTHROW(kDeleteAlignedNothrow, _ZdlPvSt11align_val_tRKSt9nothrow_t)
MEMOIR_DELETE_ALIGNED_NOTHROW(kDeleteArrayAlignedNothrow,
                              _ZdaPvSt11align_val_tRKSt9nothrow_t)

#include "track/checked_allocator.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/blocked_signals.h"
#include "base/pages.h"
#include "heap/guard_pages.h"
#include "track/event_writer.h"
#include "track/fault_report.h"
#include "track/initial_environment.h"
#include "track/misuse_report.h"
#include "track/pins.h"
#include "track/program_signals.h"
#include "track/recording.h"
#include "track/recording_pause.h"
#include "track/runtime_options.h"
#include "track/stack_capture.h"
#include "track/sweeps.h"
#include "track/tracker.h"

extern "C" int __register_atfork(void (*)(), void (*)(), void (*)(), void*);

namespace memoir {

constinit bool g_serves_blocks = false;

namespace {

constexpr std::size_t kMostRequest = PTRDIFF_MAX;

// Mapped when it is wanted: it would be a burden to small address spaces.
constinit CheckedHeap* g_heap = nullptr;

// For threads without a cache of their own, and for signal handlers that interrupted one
// that was using its own.
constinit SpinLock g_shared_lock;
constinit ThreadCache g_shared_cache;

class SharedCache {
 public:
  SharedCache() { g_shared_lock.lock(); }
  ~SharedCache() { g_shared_lock.unlock(); }
  SharedCache(const SharedCache&) = delete;
  SharedCache& operator=(const SharedCache&) = delete;

  ThreadCache& get() { return g_shared_cache; }

 private:
  const BlockedSignals blocked_;
};

// Around fork(): no other thread is inside the heap while its memory is copied.
constinit std::uint64_t g_mask_before_fork = 0;

void before_fork() {
  const std::uint64_t all = ~std::uint64_t{0};
  std::uint64_t before = 0;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof before);
  g_shared_lock.lock();
  lock_signals();
  g_heap->lock();
  g_mask_before_fork = before;
}

void after_fork() {
  const std::uint64_t before = g_mask_before_fork;
  g_heap->unlock();
  unlock_signals();
  g_shared_lock.unlock();
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
}

using InForkedChild = void();
constinit InForkedChild* g_in_forked_child = nullptr;

void after_fork_in_child() {
  if (g_in_forked_child != nullptr) g_in_forked_child();
  after_fork();
}

// The heap's two verbs; what is pinned goes another way.
MEMOIR_FAST_PATH void* make_block(const BlockRequest& request, ThreadCache& cache,
                                  Findings& findings) {
  if (MEMOIR_UNLIKELY(g_has_pins)) return make_pinned_block(request, cache, findings);
  return g_heap->allocate(request, cache, findings);
}

MEMOIR_FAST_PATH void take_back(const Place& place, Api api, StackNodeId stack,
                                std::uint32_t thread, ThreadCache& cache,
                                Findings& findings) {
  if (MEMOIR_UNLIKELY(g_has_pins)) {
    return release_pinned_block(place, api, stack, thread, cache, findings);
  }
  g_heap->release(place, api, stack, thread, cache, findings);
}

std::uint64_t make_seed(const Options& options) {
  if (options.seed != 0) return options.seed;
  std::uint64_t seed = 0;
  if (const auto* random = reinterpret_cast<const void*>(getauxval(AT_RANDOM))) {
    memcpy(&seed, random, sizeof seed);
  }
  return seed ^ static_cast<std::uint64_t>(raw_syscall(SYS_getpid));
}

MEMOIR_SLOW_PATH void* allocate_unusual(BlockRequest request, const void* frame) {
  request.stack = walk_stack(frame);
  if (free_state() != nullptr && g_runtime.session.recording()) {  // it has a ring now
    return checked_alloc(request.api, request.size, request.alignment_log2, request.zero,
                         frame);
  }
  request.thread = t_thread.number;
  Findings findings;
  void* block = nullptr;
  {
    SharedCache cache;
    block = make_block(request, cache.get(), findings);
  }
  if (block != nullptr && g_runtime.session.recording() && !is_paused()) {
    Event event;
    event.kind = EventKind::kAlloc;
    event.api = request.api;
    event.alignment_log2 = request.alignment_log2;
    event.stack = request.stack;
    event.address = reinterpret_cast<std::uint64_t>(block);
    event.size = request.size;
    record(event, Stack::kNone, frame);
  }
  if (!findings.empty()) report_findings(findings, request.stack, Api::kUnknown, frame);
  return block;
}

void record_free(Api api, const void* block, std::size_t claimed_size,
                 const void* frame) {
  Event event;
  event.kind = EventKind::kFree;
  event.api = api;
  event.address = reinterpret_cast<std::uint64_t>(block);
  event.size = claimed_size;
  record(event, Stack::kNone, frame);
}

}  // namespace

CheckedHeap& checked_heap() { return *g_heap; }

std::uint64_t address_space_limit() {
  rlimit limit{};
  const bool known = raw_syscall(SYS_prlimit64, 0, RLIMIT_AS, 0, &limit) == 0;
  return known ? limit.rlim_cur : RLIM_INFINITY;
}

void call_in_forked_child(void (*function)()) { g_in_forked_child = function; }

void start_checking() {
  if (getauxval(AT_SECURE) != 0) return;
  Options options;
  read_runtime_options(options);
  const char* session = find_in_environment(kSessionVariable);
  const bool refused = session != nullptr && strcmp(session, kNoSession) == 0;
  if (options.mode == RunMode::kProfile || refused) return;
  // All zero is a heap that has not started.
  void* memory = map_pages(round_up(sizeof(CheckedHeap), kPageSize));
  if (memory == nullptr) return;
  g_heap = static_cast<CheckedHeap*>(memory);
  choose_guard_method(options.guard_install);
  HeapSettings settings;
  settings.canary_seed = make_seed(options);
  // The program's own mappings and stacks have a share in a limited address space.
  const std::uint64_t share = address_space_limit() / 16;
  settings.quarantine_bytes =
      std::min(std::uint64_t{options.quarantine_mib} << 20, share);
  settings.retired_bytes = std::min(settings.retired_bytes, share);
  settings.most_filled = options.fill_bytes;
  g_heap->start(settings);
  start_sweeps(options.sweep_ms);
  // Registered before anybody else: taken after all others have what they need. Itself
  // served by the bootstrap heap.
  __register_atfork(before_fork, after_fork, after_fork_in_child, nullptr);
  g_serves_blocks = true;
}

void* checked_alloc(Api api, std::size_t size, std::uint8_t alignment_log2, bool zero,
                    const void* frame) {
  if (MEMOIR_UNLIKELY(size > kMostRequest)) {
    report_bad_size(api, size, frame);
    errno = ENOMEM;
    return nullptr;
  }
  BlockRequest request;
  request.size = size;
  request.alignment_log2 = alignment_log2;
  request.zero = zero;
  request.api = api;
  // In a forked child this forgets the parent's thread: it comes first.
  const bool recording = is_recording();
  ThreadState* state = free_state();
  void* block = nullptr;
  if (MEMOIR_UNLIKELY(state == nullptr || !recording)) {
    block = allocate_unusual(request, frame);
  } else {
    Session& session = g_runtime.session;
    Findings findings;
    set_inside(*state, frame);
    request.stack = capture_stack(*state, frame);
    request.thread = state->thread_number;
    block = make_block(request, state->cache, findings);
    if (MEMOIR_LIKELY(block != nullptr && !is_paused())) {
      write_slot(session, *state, EventKind::kAlloc, api, alignment_log2, request.stack,
                 session.clock().now(), reinterpret_cast<std::uint64_t>(block), size);
    }
    set_inside(*state, std::uintptr_t{0});
    if (MEMOIR_UNLIKELY(!findings.empty())) {
      report_findings(findings, request.stack, Api::kUnknown, frame);
    }
    sweep_now_and_then(frame);
  }
  if (MEMOIR_UNLIKELY(block == nullptr)) errno = ENOMEM;
  return block;
}

bool checked_free(Api api, void* block, std::size_t claimed_size,
                  std::uint8_t claimed_alignment_log2, const void* frame) {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  // What is known of the block comes out of memory while the stack is walked.
  if (!g_heap->fetch_block(address)) return false;
  StackNodeId stack = kNoStack;
  ThreadState* state = free_state();
  if (MEMOIR_UNLIKELY(!g_runtime.session.recording())) state = nullptr;
  if (MEMOIR_LIKELY(state != nullptr)) {
    set_inside(*state, frame);
    stack = capture_stack(*state, frame);
  }
  Place place = g_heap->find(address);
  const bool is_block = MEMOIR_LIKELY(place.is == AddressIs::kBlock);
  BlockView view;
  if (is_block) view = g_heap->view(place);
  if (MEMOIR_UNLIKELY(!is_block || !g_heap->claim(place))) {
    if (state != nullptr) set_inside(*state, std::uintptr_t{0});
    if (place.is == AddressIs::kForeign) return false;
    if (is_block) place.is = AddressIs::kFreedBlock;  // another was quicker
    refuse_free(place, api, block, frame);
    return true;
  }
  const FaultKind mismatch =
      diagnose_release(view, api, claimed_size, claimed_alignment_log2);
  Findings findings;
  if (MEMOIR_UNLIKELY(state == nullptr)) {
    // A forked child has nothing to say about its parent's blocks.
    if (g_runtime.session.recording()) {
      stack = walk_stack(frame);
      record_free(api, block, claimed_size, frame);
    }
    SharedCache cache;
    take_back(place, api, stack, t_thread.number, cache.get(), findings);
  } else {
    Session& session = g_runtime.session;
    write_slot(session, *state, EventKind::kFree, api, 0, kNoStack, session.clock().now(),
               address, claimed_size);
    take_back(place, api, stack, state->thread_number, state->cache, findings);
    set_inside(*state, std::uintptr_t{0});
  }
  if (MEMOIR_UNLIKELY(mismatch != FaultKind::kNone)) {
    report_mismatch(mismatch, view, {api, block, claimed_size, claimed_alignment_log2},
                    stack, frame);
  }
  if (MEMOIR_UNLIKELY(!findings.empty())) report_findings(findings, stack, api, frame);
  return true;
}

bool checked_realloc(Api api, void* block, std::size_t size, void*& moved,
                     const void* frame) {
  const Place place = g_heap->find(reinterpret_cast<std::uintptr_t>(block));
  if (place.is == AddressIs::kForeign) return false;
  moved = nullptr;
  if (place.is != AddressIs::kBlock) {
    refuse_free(place, api, block, frame);
    // A block of the size that was asked for lets the program go on.
    if (size != 0) moved = checked_alloc(api, size, 0, false, frame);
    return true;
  }
  if (size == 0) return checked_free(api, block, 0, kNoAlignment, frame);
  if (MEMOIR_UNLIKELY(size > kMostRequest)) {
    report_bad_size(api, size, frame);
    errno = ENOMEM;
    return true;
  }
  // The contents move, so that whoever kept the old address is found out.
  track_start();
  const BlockView view = g_heap->view(place);
  const std::uint64_t before = track_now();
  BlockRequest request;
  request.size = size;
  request.api = api;
  request.stack = walk_stack(frame);
  request.thread = t_thread.number;
  Findings made;
  Findings freed;
  bool claimed = false;
  const auto move = [&](ThreadCache& cache) {
    moved = make_block(request, cache, made);
    if (moved == nullptr) return;
    memcpy(moved, block, view.size < size ? view.size : size);
    claimed = g_heap->claim(place);
    if (claimed) {
      take_back(place, api, request.stack, request.thread, cache, freed);
    }
  };
  if (ThreadState* state = free_state()) {
    set_inside(*state, frame);
    move(state->cache);
    set_inside(*state, std::uintptr_t{0});
  } else {
    SharedCache cache;
    move(cache.get());
  }
  if (moved == nullptr) {
    errno = ENOMEM;
    return true;
  }
  if (claimed) {
    track_realloc(api, block, before, moved, size, frame);
  } else {
    track_alloc(api, moved, size, 0, frame);
    refuse_free({AddressIs::kFreedBlock, place.slab, place.slot}, api, block, frame);
  }
  const FaultKind mismatch = diagnose_release(view, api, 0, kNoAlignment);
  if (mismatch == FaultKind::kAllocDeallocMismatch) {
    report_mismatch(mismatch, view, {api, block, 0, kNoAlignment}, request.stack, frame);
  }
  if (!made.empty()) report_findings(made, request.stack, Api::kUnknown, frame);
  if (!freed.empty()) report_findings(freed, request.stack, api, frame);
  return true;
}

bool checked_size(const void* block, std::size_t& size) {
  const Place place = g_heap->find(reinterpret_cast<std::uintptr_t>(block));
  if (place.is == AddressIs::kForeign) return false;
  size = place.is == AddressIs::kBlock ? g_heap->view(place).size : 0;
  return true;
}

namespace {

template <typename Walk>
void check_all_blocks(Walk walk, const void* frame) {
  if (!serves_blocks()) return;
  g_heap->check_all([&](const Finding& finding) {
    Findings one;
    one.add(finding);
    report_findings(one, walk(), Api::kUnknown, frame, kFaultFoundAtEnd);
  });
}

}  // namespace

void check_all_blocks(const void* frame) {
  check_all_blocks([=] { return walk_stack(frame); }, frame);
}

void check_all_blocks(const FrameRegisters& interrupted) {
  check_all_blocks([&] { return walk_interrupted_stack(interrupted); },
                   reinterpret_cast<const void*>(interrupted.sp));
}

}  // namespace memoir

#include "track/tracker.h"

#include <sys/prctl.h>

#include <cstring>

#include "base/raw_syscall.h"
#include "track/checked_allocator.h"
#include "track/event_writer.h"
#include "track/recording.h"
#include "track/recording_pause.h"
#include "track/shared_ring.h"
#include "track/stack_capture.h"

namespace memoir {
namespace {

bool is_mapping(EventKind kind) {
  return kind == EventKind::kMap || kind == EventKind::kUnmap ||
         kind == EventKind::kRemap;
}

// The state is marked as being inside. Either a signal handler interrupted the recording
// of an event, and this is an event of its own; or one left it by longjmp, and the mark
// is stale: the frame it names is gone when we stand above it.
MEMOIR_SLOW_PATH bool is_nested(ThreadState& state, std::uintptr_t frame) {
  const StackBounds& bounds = t_thread.bounds;
  const bool stale = bounds.contains(frame, 1) && bounds.contains(state.inside, 1) &&
                     frame >= state.inside;
  if (!stale) return true;
  state.ring.give_up_unpublished();
  set_inside(state, std::uintptr_t{0});
  return false;
}

void record_in(ThreadState& state, Event& event, Stack stack, const void* frame) {
  if (stack == Stack::kWalk) event.stack = capture_stack(state, frame);
  if (event.time == 0) event.time = g_runtime.session.clock().now();
  write_event(g_runtime.session, state, event);
}

// Ring 0 is the calling thread's, who holds its lock, from here on.
void switch_shared_thread() {
  Runtime& runtime = g_runtime;
  runtime.shared->walker.set_bounds(t_thread.bounds);
  if (runtime.shared_thread == t_thread.number) return;
  runtime.shared_thread = t_thread.number;
  Event change;
  change.kind = EventKind::kThreadSwitch;
  change.stack = t_thread.number;
  change.time = runtime.session.clock().now();
  change.address = static_cast<std::uint64_t>(raw_syscall(SYS_gettid));
  write_event(runtime.session, *runtime.shared, change);
}

// For threads without a ring: ring 0, one thread at a time.
MEMOIR_SLOW_PATH void record_shared(Event& event, Stack stack, const void* frame) {
  SharedRingGuard guard;
  if (!guard) return;  // in here already: libunwind's own mappings
  switch_shared_thread();
  record_in(*g_runtime.shared, event, stack, frame);
}

// Gives the calling thread a ring, or ring 0. False where it can have neither now.
bool find_ring(bool may_allocate) {
  return t_thread.has_no_ring || attach_thread(may_allocate);
}

}  // namespace

void record(Event& event, Stack stack, const void* frame) {
  if (MEMOIR_UNLIKELY(t_thread.state == nullptr)) {
    // An allocator may be the caller of a mapping, under its own lock.
    if (!find_ring(!is_mapping(event.kind))) return;
    if (t_thread.state == nullptr) return record_shared(event, stack, frame);
  }
  ThreadState* state = t_thread.state;
  const auto here = reinterpret_cast<std::uintptr_t>(frame);
  if (MEMOIR_UNLIKELY(state->inside != 0) && is_nested(*state, here)) {
    // Mappings in here are libunwind's own.
    if (is_mapping(event.kind)) return;
    if (stack == Stack::kWalk) event.stack = kInterruptedStack;
    return record_in(*state, event, Stack::kNone, frame);
  }
  set_inside(*state, here);
  record_in(*state, event, stack, frame);
  set_inside(*state, std::uintptr_t{0});
}

namespace {

template <typename Capture>
StackNodeId capture_with_state(const void* frame, Capture capture) {
  if (!is_recording()) return kNoStack;
  if (t_thread.state == nullptr) {
    if (!find_ring(true)) return kNoStack;
    if (t_thread.state == nullptr) {
      SharedRingGuard guard;
      if (!guard) return kNoStack;
      switch_shared_thread();
      return capture(*g_runtime.shared);
    }
  }
  ThreadState& state = *t_thread.state;
  if (state.inside != 0 && is_nested(state, reinterpret_cast<std::uintptr_t>(frame))) {
    return kInterruptedStack;
  }
  set_inside(state, frame);
  const StackNodeId stack = capture(state);
  set_inside(state, std::uintptr_t{0});
  return stack;
}

}  // namespace

StackNodeId walk_stack(const void* frame) {
  return capture_with_state(
      frame, [=](ThreadState& state) { return capture_stack(state, frame); });
}

StackNodeId walk_interrupted_stack(const FrameRegisters& registers) {
  return capture_with_state(
      reinterpret_cast<const void*>(registers.sp),
      [&](ThreadState& state) { return capture_interrupted_stack(state, registers); });
}

namespace {

// What is not the common case: the thread's first event, one from a signal handler.
MEMOIR_SLOW_PATH void record_unusual(EventKind kind, Api api, std::uint8_t alignment_log2,
                                     const void* block, std::size_t size,
                                     const void* frame) {
  Event event;
  event.kind = kind;
  event.api = api;
  event.alignment_log2 = alignment_log2;
  event.address = reinterpret_cast<std::uint64_t>(block);
  event.size = size;
  record(event, kind == EventKind::kAlloc ? Stack::kWalk : Stack::kNone, frame);
}

// The two events that programs are full of: from the arguments into the ring.
template <EventKind kKind>
MEMOIR_FAST_PATH void record_block(Api api, std::uint8_t alignment_log2,
                                   const void* block, std::size_t size,
                                   const void* frame) {
  ThreadState* state = free_state();
  if (MEMOIR_UNLIKELY(state == nullptr)) {
    return record_unusual(kKind, api, alignment_log2, block, size, frame);
  }
  Session& session = g_runtime.session;
  set_inside(*state, frame);
  const StackNodeId stack =
      kKind == EventKind::kAlloc ? capture_stack(*state, frame) : kNoStack;
  write_slot(session, *state, kKind, api, alignment_log2, stack, session.clock().now(),
             reinterpret_cast<std::uint64_t>(block), size);
  set_inside(*state, std::uintptr_t{0});
}

bool records_mappings() {
  return g_runtime.session.recording() && g_runtime.session.options().mappings;
}

std::uint64_t to_word(const void* address) {
  return reinterpret_cast<std::uint64_t>(address);
}

// A program may outlive its abort(), and signals; it is looked at once then.
constinit std::atomic<bool> g_looked{false};

// Whether the last look at the heap is this process's. A child of vfork stands in its
// parent's. One of fork that has recorded nothing yet has a heap of its own, and leaves
// it to its parent if it is only to become another program.
bool has_last_look(bool process_ends) {
  if (!serves_blocks()) return false;
  const Session& session = g_runtime.session;
  const bool is_own = raw_syscall(SYS_getpid) == session.pid();
  return session.recording() ? is_own : process_ends && !is_own;
}

void check_blocks_at_end(bool process_ends) {
  if (has_last_look(process_ends)) check_all_blocks(__builtin_frame_address(0));
}

// What concerns the process as a whole. A child of vfork shares this memory, but is
// another process.
void record_of_process(EventKind kind, std::uint64_t value) {
  if (!g_runtime.session.recording()) return;
  if (raw_syscall(SYS_getpid) != g_runtime.session.pid()) return;
  Event event;
  event.kind = kind;
  event.address = value;
  record(event, Stack::kNone, __builtin_frame_address(0));
}

}  // namespace

void track_start() { is_recording(); }

void track_stand_aside() {
  g_runtime.state.store(RuntimeState::kOff, std::memory_order_release);
}

std::uint64_t track_now() {
  return g_runtime.session.recording() ? g_runtime.session.clock().now() : 0;
}

void track_alloc(Api api, const void* block, std::size_t size,
                 std::uint8_t alignment_log2, const void* frame) {
  if (!is_recording() || is_paused()) return;
  record_block<EventKind::kAlloc>(api, alignment_log2, block, size, frame);
}

void track_free(Api api, const void* block, std::size_t size, const void* frame) {
  // A forked child has nothing to say about its parent's blocks.
  if (!g_runtime.session.recording()) return;
  record_block<EventKind::kFree>(api, 0, block, size, frame);
}

void track_realloc(Api api, const void* old_block, std::uint64_t before,
                   const void* block, std::size_t size, const void* frame) {
  if (before == 0 || !g_runtime.session.recording()) return;
  Event event;
  event.api = api;
  if (block == nullptr) {
    event.kind = EventKind::kFree;
    event.time = before;
    event.address = to_word(old_block);
    return record(event, Stack::kNone, frame);
  }
  event.kind = EventKind::kRealloc;
  event.address = to_word(block);
  event.size = size;
  event.more_time = before;
  event.more_address = to_word(old_block);
  record(event, Stack::kWalk, frame);
}

void track_map(Api api, const void* address, std::size_t size, const void* frame) {
  if (!records_mappings() || is_paused()) return;
  Event event;
  event.kind = EventKind::kMap;
  event.api = api;
  event.address = to_word(address);
  event.size = size;
  record(event, Stack::kWalk, frame);
}

void track_unmap(Api api, const void* address, std::size_t size, std::uint64_t before,
                 const void* frame) {
  if (before == 0 || !records_mappings()) return;
  Event event;
  event.kind = EventKind::kUnmap;
  event.api = api;
  event.time = before;
  event.address = to_word(address);
  event.size = size;
  record(event, Stack::kNone, frame);
}

void track_remap(const void* old_address, std::size_t old_size, std::uint64_t before,
                 const void* address, std::size_t size, const void* frame) {
  if (before == 0 || !records_mappings()) return;
  Event event;
  event.kind = EventKind::kRemap;
  event.api = Api::kMremap;
  event.address = to_word(address);
  event.size = size;
  event.more_time = before;
  event.more_address = to_word(old_address);
  event.more_size = old_size;
  record(event, Stack::kWalk, frame);
}

void track_before_unload() { g_runtime.modules.begin_unload(); }

void track_after_unload() {
  if (!g_runtime.session.recording()) return g_runtime.modules.end_unload();
  g_runtime.modules.drop_unloaded([](std::uint64_t begin, std::uint64_t end) {
    Event event;
    event.kind = EventKind::kModuleUnload;
    event.address = begin;
    event.size = end;
    record(event, Stack::kNone, __builtin_frame_address(0));
  });
  g_runtime.modules.end_unload();
}

void track_thread_name() {
  if (!g_runtime.session.recording() || t_thread.state == nullptr) return;
  char name[17] = {};
  raw_syscall(SYS_prctl, PR_GET_NAME, name);
  Event event;
  event.kind = EventKind::kThreadName;
  event.stack = t_thread.number;
  event.size = g_runtime.session.memory().add_text(name, strlen(name));
  record(event, Stack::kNone, __builtin_frame_address(0));
}

void track_clone() {
  if (!g_runtime.session.recording()) return;
  if (t_thread.number == 0 && !attach_thread(true)) return;
  leave_ring();
}

void track_exit(int status) {
  check_blocks_at_end(true);
  record_of_process(EventKind::kProcessExit, static_cast<std::uint64_t>(status & 0xff));
}

void track_abort() {
  if (!g_looked.exchange(true)) check_blocks_at_end(true);
}

void check_blocks_at_signal(const FrameRegisters& interrupted) {
  if (!g_looked.exchange(true) && has_last_look(true)) check_all_blocks(interrupted);
}

void track_before_exec() {
  check_blocks_at_end(false);
  record_of_process(EventKind::kExec, 1);
}

void track_after_failed_exec() { record_of_process(EventKind::kExec, 0); }

}  // namespace memoir

#include "track/thread_registry.h"

#include "base/pages.h"

namespace memoir {

ThreadState* ThreadRegistry::take_state() {
  {
    SpinGuard guard(lock_);
    if (ThreadState* state = free_) {
      free_ = state->next_free;
      return state;
    }
  }
  // All zero is a valid, empty state.
  return static_cast<ThreadState*>(map_pages(sizeof(ThreadState)));
}

ThreadState* ThreadRegistry::attach(const SessionMemory& memory,
                                    std::uint32_t thread_number) {
  SessionHeader& header = memory.header();
  const std::uint32_t count = memory.layout().ring_count;
  std::uint32_t ring = 0;
  for (std::uint32_t i = 0; i + 1 < count; ++i) {
    const std::uint32_t candidate = 1 + (ring_hint_ - 1 + i) % (count - 1);
    std::uint32_t nobody = 0;
    if (memory.ring_header(candidate).owner.compare_exchange_strong(nobody,
                                                                    thread_number)) {
      ring = candidate;
      break;
    }
  }
  if (ring == 0) return nullptr;
  ring_hint_ = ring;
  ThreadState* state = take_state();
  if (state == nullptr) {
    memory.ring_header(ring).owner.store(0);
    return nullptr;
  }
  state->ring.attach(memory, ring);
  state->ring_number = ring;
  state->thread_number = thread_number;
  state->inside = 0;
  state->exit_rounds = 0;
  state->walker.forget_stacks();
  std::uint32_t used = header.rings_used.load();
  while (used <= ring && !header.rings_used.compare_exchange_weak(used, ring + 1)) {
  }
  return state;
}

ThreadState* ThreadRegistry::make_shared(const SessionMemory& memory) {
  ThreadState* state = take_state();
  if (state == nullptr) return nullptr;
  state->ring.attach(memory, 0);
  state->ring_number = 0;
  state->thread_number = 0;
  state->inside = 0;
  state->walker.forget_stacks();
  std::uint32_t none = 0;
  memory.header().rings_used.compare_exchange_strong(none, 1);
  return state;
}

void ThreadRegistry::detach(ThreadState* state) {
  state->ring.detach();
  state->ring.header()->owner.store(0, std::memory_order_release);
  SpinGuard guard(lock_);
  state->next_free = free_;
  free_ = state;
}

void ThreadRegistry::forget() {
  lock_.unlock();
  free_ = nullptr;
  ring_hint_ = 1;
}

}  // namespace memoir

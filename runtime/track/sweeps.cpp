#include "track/sweeps.h"

#include <algorithm>
#include <atomic>

#include "heap/checked_heap.h"
#include "track/checked_allocator.h"
#include "track/clock.h"
#include "track/fault_report.h"
#include "track/recording.h"
#include "track/runtime_state.h"

namespace memoir {

constinit bool g_sweeps = false;

namespace {

// Of the time, however often is asked for: one part in so many.
constexpr std::uint64_t kMostShare = 5;

constinit std::uint64_t g_interval_ns = 0;
constinit std::atomic<std::uint64_t> g_next{0};
constinit std::atomic<std::uint64_t> g_last{0};

}  // namespace

void start_sweeps(std::uint32_t milliseconds) {
  g_interval_ns = std::uint64_t{milliseconds} * 1'000'000;
  g_sweeps = milliseconds != 0;
  g_next = monotonic_ns() + g_interval_ns;
}

void sweep_if_due(const void* frame) {
  const std::uint64_t now = monotonic_ns();
  std::uint64_t due = g_next.load(std::memory_order_relaxed);
  // A day ahead, while it lasts: a child that is forked meanwhile sweeps again some day.
  constexpr std::uint64_t kDay = std::uint64_t{86'400} * 1'000'000'000;
  if (now < due || !g_next.compare_exchange_strong(due, now + kDay)) return;
  const std::uint64_t began = g_runtime.session.clock().now();
  checked_heap().sweep([&](const Finding& finding) {
    Findings one;
    one.add(finding);
    report_findings(one, walk_stack(frame), Api::kUnknown, frame);
  });
  g_last.store(began, std::memory_order_relaxed);
  const std::uint64_t took = monotonic_ns() - now;
  g_next.store(now + took + std::max(g_interval_ns, took * (kMostShare - 1)));
}

std::uint64_t last_sweep() { return g_last.load(std::memory_order_relaxed); }

}  // namespace memoir

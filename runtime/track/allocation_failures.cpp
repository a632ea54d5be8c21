#include "track/allocation_failures.h"

#include <sys/auxv.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/options.h"
#include "track/failing_sites.h"
#include "track/initial_environment.h"
#include "track/recording.h"
#include "track/runtime_options.h"

namespace memoir {

constinit bool g_makes_fail = false;

namespace {

constinit Options g_options;
constinit std::atomic<std::uint64_t> g_counted{0};
// The C++ runtime's operator new, called because this one failed, must fail as well; what
// it allocates then is the exception.
MEMOIR_THREAD_LOCAL bool t_next_fails = false;
MEMOIR_THREAD_LOCAL bool t_next_is_exception = false;

// A number that says nothing of its neighbours.
std::uint64_t scatter(std::uint64_t number) {
  number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
  number = (number ^ number >> 27) * 0x94d049bb133111eb;
  return number ^ number >> 31;
}

bool is_chosen(std::uint64_t number) {
  if (g_options.fail_nth != 0 && number != g_options.fail_nth) return false;
  if (g_options.fail_every == 0) return true;
  const std::uint64_t seed = g_options.fail_seed;
  return (seed == 0 ? number : scatter(number ^ seed << 32)) % g_options.fail_every == 0;
}

void record_failure(Api api, std::size_t size, StackNodeId stack, const void* frame) {
  if (!is_recording()) return;
  Event event;
  event.kind = EventKind::kFailure;
  event.api = api;
  event.size = size;
  event.stack = stack;
  record(event, stack == kNoStack ? Stack::kWalk : Stack::kNone, frame);
}

bool decide(Api api, std::size_t size, const void* frame) {
  if (t_thread.attaching || size <= g_options.fail_above) return false;
  const int saved_errno = errno;
  StackNodeId stack = kNoStack;
  if (g_options.fail_site.text[0] != '\0') {
    stack = walk_stack(frame);
    if (!is_failing_site(stack, g_options.fail_site.text)) {
      errno = saved_errno;
      return false;
    }
  }
  const bool fails = is_chosen(g_counted.fetch_add(1, std::memory_order_relaxed) + 1);
  if (fails) record_failure(api, size, stack, frame);
  errno = fails ? ENOMEM : saved_errno;
  return fails;
}

}  // namespace

void start_making_fail() {
  if (getauxval(AT_SECURE) != 0) return;
  read_runtime_options(g_options);
  const char* session = find_in_environment(kSessionVariable);
  if (session != nullptr && strcmp(session, kNoSession) == 0) return;
  if (g_options.fail_site.text[0] != '\0' && !start_judging_sites()) return;
  g_makes_fail = g_options.fail_nth != 0 || g_options.fail_every != 0 ||
                 g_options.fail_above != 0 || g_options.fail_site.text[0] != '\0';
}

bool decide_failure(Api api, std::size_t size, const void* frame) {
  if (t_next_fails) {
    t_next_fails = false;
    t_next_is_exception = true;
    errno = ENOMEM;
    return true;
  }
  if (t_next_is_exception) {
    t_next_is_exception = false;
    return false;
  }
  return decide(api, size, frame);
}

bool decide_failure_of_new(Api api, std::size_t size, const void* frame) {
  // One that does not throw is made of one that does.
  if (!t_next_fails) t_next_fails = decide(api, size, frame);
  return t_next_fails;
}

void end_failure_of_new() { t_next_fails = t_next_is_exception = false; }

}  // namespace memoir

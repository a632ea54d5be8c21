#pragma once

// Allocations that are made to fail, to find code that does not look whether they did
// (options fail_*). All conditions that were given must hold; `nth` and `every` count the
// allocations of the process for which the others do.
//
//   nth     one of them fails          above   only larger ones
//   every   one in so many             site    only those below such a function
//
// What Memoir allocates for itself neither fails nor counts. A forked child goes on
// counting where its parent was.
//
// Thread safety and signals: any thread; errno is ENOMEM after a failure, otherwise
// preserved.

#include <cstddef>

#include "base/allocation_api.h"
#include "base/compiler.h"

namespace memoir {

extern constinit bool g_makes_fail;

// Reads the options. Called once, before the first block is handed out.
void start_making_fail();

MEMOIR_SLOW_PATH bool decide_failure(Api api, std::size_t size, const void* frame);
MEMOIR_SLOW_PATH bool decide_failure_of_new(Api api, std::size_t size, const void* frame);
MEMOIR_SLOW_PATH void end_failure_of_new();

// Whether an allocation must fail. It is recorded as one that did.
MEMOIR_FAST_PATH bool is_made_to_fail(Api api, std::size_t size, const void* frame) {
  return MEMOIR_UNLIKELY(g_makes_fail) && decide_failure(api, size, frame);
}

// The same for operator new. The C++ runtime's, which is called then, must find no memory
// either: the next allocation of this thread fails, too.
MEMOIR_FAST_PATH bool is_new_made_to_fail(Api api, std::size_t size, const void* frame) {
  return MEMOIR_UNLIKELY(g_makes_fail) && decide_failure_of_new(api, size, frame);
}

// The C++ runtime's operator new has found memory after all.
MEMOIR_FAST_PATH void after_runtime_new() {
  if (MEMOIR_UNLIKELY(g_makes_fail)) end_failure_of_new();
}

}  // namespace memoir

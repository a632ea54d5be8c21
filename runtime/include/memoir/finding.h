#pragma once

// What the allocators, pools and buffers find wrong with their use, and how it is told.
//
// A finding is recorded in the trace (view `faults`) where the program runs under Memoir,
// with the call stack, and printed on stderr by the collector; otherwise it is printed on
// stderr by the library itself. Only translation units with MEMOIR_TRACKING=1 find
// anything; what functions throw and return is the same in both.
//
// Thread safety: any thread.
// Design: Memoir's own; finding.inc is the list.

#include <cstddef>
#include <cstdint>

#include "memoir/site.h"

namespace memoir {

enum class finding : std::uint8_t {
#define MEMOIR_FINDING(enumerator, number, title) enumerator = number,
#include "memoir/finding.inc"
#undef MEMOIR_FINDING
};

// The kind as it stands in traces ("double_return"), and in words. Pure.
const char* name_of(finding kind) noexcept;
const char* title_of(finding kind) noexcept;

// All that is known of one. Pointers are good during the call that it is given to.
struct finding_report {
  finding kind{};
  const char* pool_kind = "";     // "block_pool"; empty where it is of no pool
  const char* pool_name = "";     // as set_name() said
  std::uint32_t pool = 0;         // its number in the trace; 0: not recorded
  const void* address = nullptr;  // that was used, or the first byte found damaged
  std::size_t size = 0;         // of the access, the request or the damage; 0: not known
  const void* block = nullptr;  // that it concerns, where there is one
  std::size_t block_size = 0;   // as it was asked for
  std::uint64_t block_number = 0;   // no other block of the process has it
  records::source_place where;      // of the misuse or the discovery
  records::source_place allocated;  // of the block; line 0: not known
  records::source_place released;
  bool late = false;      // done some time before; `where` is where it was found
  const char* text = "";  // what else there is to say: one sentence, or empty
};

// What follows a finding: nothing more than telling it (the default), abort(), or a trap
// for the debugger. Thread safety: any.
enum class finding_policy : std::uint8_t { record, abort, trap };
void set_finding_policy(finding_policy policy) noexcept;

// Is given every finding before anything else is done with it; false: it is dealt with,
// and neither recorded nor printed. Called on the thread of the finding, without locks of
// the library's held, and may use allocators. One at a time; null for none. The one
// before it. Thread safety: any; a call under way may still reach the old one.
using finding_listener = bool (*)(const finding_report& report, void* context);
struct finding_listening {
  finding_listener listener = nullptr;
  void* context = nullptr;
};
finding_listening set_finding_listener(finding_listening next) noexcept;

// How many there were in this process so far, whoever dealt with them. Thread safety:
// any.
std::uint64_t finding_count() noexcept;

namespace records {

// Tells one: listener, count, trace or stderr, policy.
void tell(const finding_report& report);

}  // namespace records

}  // namespace memoir

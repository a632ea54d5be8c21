#include "memoir/finding.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "alloc/known_findings.h"
#include "memoir/track.h"

namespace memoir {
namespace records {
namespace {

std::atomic<finding_policy> g_policy{finding_policy::record};
std::atomic<std::uint64_t> g_count{0};
// The pair is read and written as one.
constinit std::mutex g_listener_mutex;
constinit finding_listening g_listening;

memoir_place to_place(const source_place& place) {
  return {place.file, place.function, place.line};
}

// Whether a collector will tell of it.
bool record(const finding_report& report) {
  memoir_pool_fault fault = {};
  fault.bytes = sizeof fault;
  fault.kind = static_cast<std::uint32_t>(report.kind);
  fault.pool = report.pool;
  fault.address = report.address;
  fault.size = report.size;
  fault.block = report.block;
  fault.block_size = report.block_size;
  fault.block_number = report.block_number;
  fault.where = to_place(report.where);
  fault.allocated = to_place(report.allocated);
  fault.released = to_place(report.released);
  fault.late = report.late;
  fault.pool_kind = report.pool_kind;
  fault.pool_name = report.pool_name;
  fault.text = report.text;
  return memoir_pool_report(&fault) != 0;
}

void print_place(const char* what, const source_place& place) {
  if (place.line == 0) return;
  std::fprintf(stderr, "memoir:   %s at %s:%u, in %s\n", what, place.file, place.line,
               place.function);
}

// One finding is one piece of text, even when several threads write.
void print(const finding_report& report) {
  ::flockfile(stderr);
  std::fprintf(stderr, "memoir: %s", title_of(report.kind));
  if (*report.pool_kind != '\0') {
    std::fprintf(stderr, ", %s", report.pool_kind);
    if (*report.pool_name != '\0') std::fprintf(stderr, " \"%s\"", report.pool_name);
  }
  if (*report.text != '\0') std::fprintf(stderr, ": %s", report.text);
  std::fputc('\n', stderr);
  if (report.block != nullptr) {
    std::fprintf(stderr, "memoir:   block of %zu bytes at %p\n", report.block_size,
                 report.block);
  }
  print_place(report.late ? "found" : "it happened", report.where);
  print_place("the block was allocated", report.allocated);
  print_place("the block was released", report.released);
  ::funlockfile(stderr);
}

}  // namespace
}  // namespace records

const char* name_of(finding kind) noexcept {
  switch (kind) {
#define MEMOIR_FINDING(enumerator, number, title) \
  case finding::enumerator:                       \
    return #enumerator;
#include "memoir/finding.inc"
#undef MEMOIR_FINDING
  }
  return "unknown";
}

const char* title_of(finding kind) noexcept {
  switch (kind) {
#define MEMOIR_FINDING(enumerator, number, title) \
  case finding::enumerator:                       \
    return title;
#include "memoir/finding.inc"
#undef MEMOIR_FINDING
  }
  return "misuse";
}

void set_finding_policy(finding_policy policy) noexcept { records::g_policy = policy; }

finding_listening set_finding_listener(finding_listening next) noexcept {
  const std::lock_guard lock{records::g_listener_mutex};
  const finding_listening before = records::g_listening;
  records::g_listening = next;
  return before;
}

std::uint64_t finding_count() noexcept { return records::g_count.load(); }

namespace records {

void tell(const finding_report& report) {
  ++g_count;
  finding_listening listening;
  {
    const std::lock_guard lock{g_listener_mutex};
    listening = g_listening;
  }
  const bool open =
      listening.listener == nullptr || listening.listener(report, listening.context);
  if (!open) return;
  if (!record(report) && is_first_of_its_kind(report)) print(report);
  switch (g_policy.load()) {
    case finding_policy::record:
      break;
    case finding_policy::abort:
      std::abort();
    case finding_policy::trap:
      __builtin_trap();
  }
}

}  // namespace records

}  // namespace memoir

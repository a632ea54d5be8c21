#include "track/fault_report.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atomic>
#include <cerrno>

#include "base/nearby_memory.h"
#include "base/pages.h"
#include "base/text_writer.h"
#include "track/checked_allocator.h"
#include "track/recording.h"
#include "track/sweeps.h"

namespace memoir {
namespace {

constexpr std::uint32_t kMostDifferent = 4096;
// Of those that are told: their records share the session's text area.
constexpr std::uint32_t kMostTold = 4000;
constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;

// Which faults were told: hash in the upper half, number in the lower. Mapped for the
// first one: most processes have none.
using ToldTable = std::atomic<std::uint64_t>[kMostDifferent];
constinit std::atomic<ToldTable*> g_told{nullptr};
constinit std::atomic<std::uint32_t> g_numbers{0};

// nullptr when there is no memory.
ToldTable* told_table() {
  ToldTable* known = g_told.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  // Zeros are an empty one.
  auto* made = static_cast<ToldTable*>(map_pages(sizeof(ToldTable)));
  if (made == nullptr || g_told.compare_exchange_strong(known, made)) return made;
  unmap_pages(made, sizeof(ToldTable));
  return known;
}

std::uint64_t hash_of(const FaultRecord& record, std::string_view pool_text) {
  std::uint64_t hash = 0;
  for (const char c : pool_text) hash = (hash ^ static_cast<unsigned char>(c)) * kFactor;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(record.kind), std::uint64_t{record.stack},
        std::uint64_t{record.alloc_stack}, std::uint64_t{record.free_stack},
        std::uint64_t{record.flags}, std::uint64_t{record.where_line},
        std::uint64_t{record.alloc_line}, std::uint64_t{record.free_line}}) {
    hash = (hash ^ part) * kFactor;
    hash ^= hash >> 29;
  }
  return hash;
}

// The number of this fault, and whether it is new. 0: no more can be told.
std::uint32_t number_of(const FaultRecord& record, std::string_view pool_text,
                        bool& is_new) {
  const std::uint64_t hash = hash_of(record, pool_text);
  const std::uint64_t key = hash & 0xffffffff00000000;
  is_new = false;
  ToldTable* table = told_table();
  if (table == nullptr) return 0;
  std::uint32_t mine = 0;
  for (std::uint32_t i = 0; i < kMostDifferent; ++i) {
    std::atomic<std::uint64_t>& entry = (*table)[(hash + i) % kMostDifferent];
    std::uint64_t found = entry.load(std::memory_order_acquire);
    if (found == 0) {
      if (mine == 0) mine = g_numbers.fetch_add(1, std::memory_order_relaxed) + 1;
      if (mine > kMostTold) return 0;
      if (entry.compare_exchange_strong(found, key | mine)) {
        is_new = true;
        return mine;
      }
    }
    if ((found & 0xffffffff00000000) == key) {
      return static_cast<std::uint32_t>(found & 0xffffffff);
    }
  }
  return 0;
}

void take_dump(FaultRecord& record, const NearbyMemory& memory) {
  static_assert(kFaultDumpBytes == kMostNearbyBytes);
  record.dump_address = memory.begin;
  record.dump_bytes = memory.count;
  memcpy(record.dump, memory.bytes, memory.count);
}

// All that can be said without a collector.
void say_fault(const FaultRecord& record) {
  Text<256> line;
  line.add(fault_title(record.kind)).add(" at 0x").add_hex(record.address);
  if (record.place == MemoryPlace::kBlock) {
    line.add(", block of ").add_decimal(record.block_size).add(" bytes at 0x");
    line.add_hex(record.block);
  }
  say(line.c_str());
}

void wait_until_told(std::uint32_t number) {
  constexpr int kPatienceMs = 2000;
  const SessionHeader& header = g_runtime.session.memory().header();
  const timespec pause{0, 1'000'000};
  for (int i = 0; i < kPatienceMs; ++i) {
    if (header.faults_told.load(std::memory_order_acquire) >= number) return;
    if (!g_runtime.session.recording()) return;
    raw_syscall(SYS_nanosleep, &pause, 0);
  }
}

void act_on_fault(std::uint32_t number) {
  const OnFault action = g_runtime.session.options().on_fault;
  if (action == OnFault::kContinue) return;
  if (number != 0) wait_until_told(number);
  if (action == OnFault::kAbort) abort();
  raw_syscall(SYS_kill, raw_syscall(SYS_getpid), SIGSTOP);
}

}  // namespace

void describe_block(FaultRecord& record, const BlockView& block) {
  record.place = MemoryPlace::kBlock;
  record.block = block.begin;
  record.block_size = block.size;
  record.block_number = block.number;
  record.alloc_stack = block.alloc_stack;
  record.alloc_thread = block.alloc_thread;
  record.alloc_api = block.alloc_api;
  record.alignment_log2 = block.alignment_log2;
  record.block_is_live = block.live ? 1 : 0;
  record.free_stack = block.free_stack;
  record.free_thread = block.free_thread;
  if (record.free_api == Api::kUnknown) record.free_api = block.free_api;
}

void report_fault(FaultRecord& record, const void* frame, std::string_view pool_text) {
  const int saved_errno = errno;
  record.thread = t_thread.number;
  const Session& session = g_runtime.session;
  if (!is_recording()) {
    say_fault(record);
    errno = saved_errno;
    return;
  }
  bool is_new = false;
  const std::uint32_t number = number_of(record, pool_text, is_new);
  if (number == 0) {
    session.memory().header().faults_dropped.fetch_add(1, std::memory_order_relaxed);
  } else {
    Event event;
    event.kind = is_new ? EventKind::kFault : EventKind::kFaultAgain;
    event.size = number;
    if (is_new) {
      if (record.dump_bytes == 0) {
        NearbyMemory memory;
        copy_nearby_memory(record.address, memory);
        take_dump(record, memory);
      }
      if (!pool_text.empty()) {
        record.pool_text = session.memory().add_text(pool_text.data(), pool_text.size());
      }
      event.address = session.memory().add_text(reinterpret_cast<const char*>(&record),
                                                sizeof record);
    }
    ::memoir::record(event, Stack::kNone, frame);
  }
  act_on_fault(number);
  errno = saved_errno;
}

void report_findings(const Findings& findings, StackNodeId stack, Api api,
                     const void* frame, std::uint8_t flags) {
  for (const Finding& finding : findings) {
    FaultRecord record;
    record.kind = finding.kind;
    record.access = FaultAccess::kWrite;
    record.flags = static_cast<std::uint8_t>(kFaultFoundLate | flags);
    record.address = finding.damage.first;
    record.damaged = static_cast<std::uint32_t>(finding.damage.size());
    record.stack = stack;
    describe_block(record, finding.block);
    if (finding.block.seen_whole) record.whole_at = last_sweep();
    checked_heap().guards().blame(finding.block.alloc_stack, finding.kind);
    take_dump(record, finding.memory);
    if (finding.block.live && finding.block.free_api == Api::kUnknown) {
      record.free_api = api;
    }
    report_fault(record, frame);
  }
}

void forget_reported_faults() {
  if (ToldTable* table = g_told.load(std::memory_order_relaxed)) {
    for (std::atomic<std::uint64_t>& entry : *table) entry.store(0);
  }
  g_numbers.store(0);
}

}  // namespace memoir

#include "collect/fault_recorder.h"

#include <algorithm>
#include <utility>

#include "collect/fault_reader.h"

namespace memoir {
namespace {

// More than any runtime tells of: who says so is not to be believed.
constexpr std::uint64_t kMostNumbers = 65536;

}  // namespace

FaultRow FaultRecorder::make_row(const FaultRecord& record, const ModuleMap& modules) {
  const auto stack = [&](StackNodeId node) {
    return node == kNoStack ? TraceStackId{} : stacks_.translate(node, modules);
  };
  FaultRow row;
  row.process = process_;
  row.kind = record.kind;
  row.access = record.access;
  row.place = record.place;
  row.late = (record.flags & kFaultFoundLate) != 0;
  row.at_end = row.late && (record.flags & kFaultFoundAtEnd) != 0;
  row.guarded = (record.flags & kFaultByGuard) != 0;
  row.pinned = (record.flags & kFaultPinned) != 0;
  row.fill_pattern = (record.flags & kFaultFillPattern) != 0;
  row.library_function = session_.text(record.function);
  row.address = record.address;
  row.size = record.size;
  row.damaged = record.damaged;
  if (record.whole_at != 0) {
    row.whole_t = clock_.to_ns(session_.clock(), record.whole_at);
  }
  row.claimed = record.claimed;
  row.thread = {record.thread};
  row.stack = stack(record.stack);
  row.alloc_api = record.alloc_api;
  row.free_api = record.free_api;
  if (record.place == MemoryPlace::kBlock) {
    row.block_address = record.block;
    row.block_size = record.block_size;
    row.block_number = record.block_number;
    row.alignment =
        record.alignment_log2 == 0 ? 0 : std::uint64_t{1} << record.alignment_log2;
    row.ordinal = record.ordinal;
    row.block_live = record.block_is_live != 0;
    row.alloc_thread = {record.alloc_thread};
    row.alloc_stack = stack(record.alloc_stack);
    row.free_stack = stack(record.free_stack);
    if (row.free_stack) row.free_thread = {record.free_thread};
  }
  if (record.pool_text != 0) {
    row.misuse = read_pool_misuse(record, session_.text(record.pool_text));
    row.damaged = row.late ? record.size : 0;
  }
  row.dump_address = record.dump_address;
  row.dump.assign(record.dump, record.dump + record.dump_bytes);
  return row;
}

void FaultRecorder::say_told(std::uint64_t number) {
  // Only this process's collector writes it.
  std::atomic<std::uint32_t>& told = session_.memory().header().faults_told;
  if (told.load(std::memory_order_relaxed) < number) {
    told.store(static_cast<std::uint32_t>(number), std::memory_order_release);
  }
}

void FaultRecorder::add(const Event& event, const ModuleMap& modules, FaultScene scene,
                        const ThreadName& thread_name) {
  const std::uint64_t number = event.size;
  if (number == 0 || number > kMostNumbers) return;
  Told& told = told_[number];
  if (told.known) return book_.add_again(told.entry);
  const auto record = read_fault_record(session_.text(event.address));
  if (record) {
    FaultRow row = make_row(*record, modules);
    row.t = clock_.to_ns(session_.clock(), event.time);
    scene.thread = thread_name(row.thread.value);
    scene.alloc_thread = thread_name(row.alloc_thread.value);
    scene.free_thread = thread_name(row.free_thread.value);
    told.entry = book_.add(std::move(row), scene);
    told.known = true;
    book_.add_again(told.entry, std::exchange(told.waiting, 0));
  } else {
    // There was no room for the record, or it was written over.
    book_.add_untold(1);
  }
  say_told(number);
}

void FaultRecorder::add_again(const Event& event) {
  if (event.size == 0 || event.size > kMostNumbers) return;
  Told& told = told_[event.size];
  if (told.known) {
    book_.add_again(told.entry);
  } else {
    ++told.waiting;
  }
}

void FaultRecorder::finish() {
  book_.add_untold(
      session_.memory().header().faults_dropped.load(std::memory_order_relaxed));
}

}  // namespace memoir

#include "collect/process_recorder.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include "collect/printable_command.h"

namespace memoir {
namespace {

constexpr std::uint64_t kSettleNs = 1'000'000'000;

// Whether memory can lie there and be so large. What was written over by its program says
// otherwise, and sums of that would spoil every other process's figures.
bool is_possible(const Event& event) {
  constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
  if (event.address >= kAddressSpace || event.more_address >= kAddressSpace) return false;
  if (event.kind == EventKind::kFree) return true;  // its size is the program's claim
  return event.size <= kAddressSpace && event.more_size <= kAddressSpace;
}

}  // namespace

ProcessRecorder::ProcessRecorder(SessionMapping session, ProcessId id, std::int64_t pid,
                                 std::int64_t parent_pid, ProcessId parent,
                                 TraceWriter& writer, const TraceClock& clock,
                                 FaultBook& faults)
    : session_(std::move(session)),
      writer_(writer),
      clock_(clock),
      aggregates_(id),
      merger_(session_.memory()),
      live_(*this),
      mappings_(aggregates_),
      modules_(id, session_, writer),
      stacks_(session_, writer, id),
      faults_(session_, stacks_, clock, faults, id),
      failures_(id),
      pools_(id) {
  row_.id = id;
  row_.pid = pid;
  row_.parent_pid = parent_pid;
  row_.parent = parent;
  row_.command = printable_command(session_.text(session_.command()));
  row_.executable = session_.text(session_.executable());
  row_.started = to_ns(session_.start_ticks());
}

ProcessRecorder::ThreadFigures& ProcessRecorder::thread(std::uint32_t number) {
  ThreadFigures& figures = threads_[number];
  figures.row.process = row_.id;
  figures.row.thread = TraceThreadId{number};
  figures.changed = true;
  return figures;
}

std::size_t ProcessRecorder::take(std::uint64_t watermark) {
  const std::uint64_t now = clock_.measured_ticks(session_.clock());
  return merger_.drain(watermark, now, [this](std::span<const MergedEvent> batch) {
    const BlockTable& blocks = live_.blocks();
    for (const MergedEvent& merged : batch) {
      const Event& event = merged.event;
      blocks.prefetch(event.address);
      if (event.kind == EventKind::kRealloc) blocks.prefetch(event.more_address);
      if (event.stack != kNoStack) stacks_.prefetch(event.stack);
    }
    // By now the addresses are near, and what is known of the blocks can follow.
    std::array<std::size_t, EventMerger::kBatch> freed_at;
    const auto find_freed = [&](std::size_t i) {
      const Event& event = batch[i].event;
      freed_at[i] = BlockTable::kNowhere;
      if (event.kind == EventKind::kFree) freed_at[i] = blocks.find(event.address);
      if (event.kind == EventKind::kRealloc) {
        freed_at[i] = blocks.find(event.more_address);
      }
      if (freed_at[i] != BlockTable::kNowhere) blocks.prefetch_figures(freed_at[i]);
    };
    constexpr std::size_t kAhead = 8;
    for (std::size_t i = 0; i < std::min(kAhead, batch.size()); ++i) find_freed(i);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (i + kAhead < batch.size()) find_freed(i + kAhead);
      handle(batch[i].event, batch[i].thread, freed_at[i]);
    }
  });
}

std::size_t ProcessRecorder::drain() {
  session_.memory().header().heartbeat.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t now_ticks = clock_.measured_ticks(session_.clock());
  const std::size_t taken = take(now_ticks);
  const std::uint64_t now = clock_.measured_ns();
  if (now - last_settled_ns_ > kSettleNs) {
    // Everything older than the last round is long there.
    const std::uint64_t settle_ticks = clock_.span_ticks(session_.clock(), kSettleNs);
    if (now_ticks > settle_ticks) live_.settle(now_ticks - settle_ticks);
    last_settled_ns_ = now;
  }
  return taken;
}

void ProcessRecorder::handle(const Event& event, std::uint32_t number,
                             std::size_t freed_at) {
  const std::uint64_t t = to_ns(event.time);
  if (event.kind > EventKind::kMore && event.kind <= EventKind::kRemap) {
    if (!is_possible(event)) return;
    note_live();
    aggregates_.begin_event(t);
    if (handle_memory(event, number, t, freed_at)) aggregates_.end_event(t);
  } else if (is_of_pool(event.kind)) {
    handle_pool(event, number, t);
  } else {
    handle_other(event, number, t);
  }
}

bool ProcessRecorder::handle_memory(const Event& event, std::uint32_t number,
                                    std::uint64_t t, std::size_t freed_at) {
  const auto stack = [&] { return stacks_.translate(event.stack, modules_.now()); };
  switch (event.kind) {
    case EventKind::kAlloc: {
      const TraceStackId made = stack();
      make_block(event, number, made, t);
      keep(event, number, TraceEventKind::kAlloc, made, t);
      return true;
    }
    case EventKind::kFree:
      keep(event, number, TraceEventKind::kFree, {}, t,
           free_block(event.address, event.time, number, t, freed_at));
      return true;
    case EventKind::kRealloc: {
      const TraceStackId made = stack();
      const std::uint64_t back = free_block(event.more_address, event.more_time, number,
                                            to_ns(event.more_time), freed_at);
      make_block(event, number, made, t);
      keep(event, number, TraceEventKind::kRealloc, made, t, back);
      return true;
    }
    case EventKind::kMap: {
      const TraceStackId made = stack();
      mappings_.map(event.address, event.size, aggregates_.site(made, event.api), t);
      keep(event, number, TraceEventKind::kMap, made, t);
      return true;
    }
    case EventKind::kUnmap:
      mappings_.unmap(event.address, event.size);
      keep(event, number, TraceEventKind::kUnmap, {}, t);
      return true;
    case EventKind::kRemap: {
      const TraceStackId made = stack();
      mappings_.unmap(event.more_address, event.more_size);
      mappings_.map(event.address, event.size, aggregates_.site(made, event.api), t);
      keep(event, number, TraceEventKind::kRemap, made, t);
      return true;
    }
    default:
      return false;
  }
}

void ProcessRecorder::make_block(const Event& event, std::uint32_t number,
                                 TraceStackId stack, std::uint64_t t) {
  const std::uint32_t site = aggregates_.site(stack, event.api);
  if (live_.make_now(event.address, {event.size, event.time, site, number, made_})) {
    aggregates_.block_made(site, event.address, event.size, t, number);
  } else {
    if (event.address != 0) aggregates_.thread_made(number, event.address);
    live_.alloc({event.address, event.size, event.time, site, number, made_});
  }
}

std::uint64_t ProcessRecorder::free_block(std::uint64_t address, std::uint64_t ticks,
                                          std::uint32_t number, std::uint64_t t,
                                          std::size_t freed_at) {
  LiveBlock block;
  if (!live_.take_now(address, ticks, freed_at, block)) {
    live_.free(address, ticks, number);
    return ChunkEncoder::kUnknown;
  }
  const std::uint64_t life = clock_.span_ns(session_.clock(), ticks - block.t);
  aggregates_.block_freed(block.site, block.address, block.size, t - std::min(life, t), t,
                          block.thread, number);
  return made_ - 1 - block.number;
}

void ProcessRecorder::keep(const Event& event, std::uint32_t number, TraceEventKind kind,
                           TraceStackId stack, std::uint64_t t, std::uint64_t back) {
  TraceEvent kept;
  kept.t = t;
  kept.address = event.address;
  kept.size = kind == TraceEventKind::kFree ? 0 : event.size;
  if (kind == TraceEventKind::kRealloc || kind == TraceEventKind::kRemap) {
    kept.old_address = event.more_address;
  }
  if (kind == TraceEventKind::kRemap || is_of_pool(kind)) kept.old_size = event.more_size;
  kept.stack = stack.value;
  kept.thread = number;
  kept.kind = kind;
  kept.api = event.api;
  kept.alignment_log2 = kind == TraceEventKind::kAlloc ? event.alignment_log2 : 0;
  chunk_.add(kept, back);
  if (kind != TraceEventKind::kFree && kind != TraceEventKind::kUnmap &&
      !is_of_pool(kind)) {
    ++made_;
  }
  if (chunk_.size() == kChunkEvents) flush_chunk();
}

// Before the first event of a chunk changes it.
void ProcessRecorder::note_live() {
  if (chunk_.size() != 0) return;
  chunk_live_bytes_ = aggregates_.totals().live_bytes;
  chunk_live_blocks_ = aggregates_.totals().live_blocks;
}

void ProcessRecorder::flush_chunk() {
  const std::size_t events = chunk_.size();
  if (events == 0) return;
  ChunkRow row;
  row.process = row_.id;
  row.first_seq = next_seq_;
  row.t0 = chunk_.t0();
  row.t1 = chunk_.t1();
  row.live_bytes = chunk_live_bytes_;
  row.live_blocks = chunk_live_blocks_;
  writer_.put_chunk(row, events, chunk_.finish());
  next_seq_ += events;
}

void ProcessRecorder::handle_other(const Event& event, std::uint32_t number,
                                   std::uint64_t t) {
  switch (event.kind) {
    case EventKind::kModuleLoad:
      modules_.load(event, t);
      break;
    case EventKind::kModuleUnload:
      modules_.unload(event.address, t);
      break;
    case EventKind::kThreadStart: {
      ThreadFigures& figures = thread(number);
      figures.row.tid = static_cast<std::int64_t>(event.address);
      figures.row.name = session_.text(event.size);
      figures.row.started = t;
      break;
    }
    case EventKind::kThreadSwitch: {
      if (threads_.contains(number)) break;
      ThreadFigures& figures = thread(number);
      figures.row.tid = static_cast<std::int64_t>(event.address);
      figures.row.started = t;
      break;
    }
    case EventKind::kThreadName:
      thread(number).row.name = session_.text(event.size);
      break;
    case EventKind::kThreadExit:
      thread(number).row.ended = t;
      break;
    case EventKind::kProcessExit:
      announced_status_ = static_cast<int>(event.address & 0xff);
      break;
    case EventKind::kExec:
      replaced_at_.reset();
      if (event.address != 0) replaced_at_ = t;
      break;
    case EventKind::kMark:
      writer_.put_mark({row_.id, t, session_.text(event.size)});
      break;
    case EventKind::kFault:
      add_fault(event);
      break;
    case EventKind::kFaultAgain:
      faults_.add_again(event);
      break;
    case EventKind::kFailure:
      failures_.add(stacks_.translate(event.stack, modules_.now()), event.api, event.size,
                    t);
      break;
    default:
      break;
  }
}

void ProcessRecorder::add_fault(const Event& event) {
  faults_.add(event, modules_.now(), {.pid = row_.pid, .command = row_.command},
              [this](std::uint32_t number) {
                const auto known = threads_.find(number);
                return known == threads_.end() ? std::string() : known->second.row.name;
              });
}

void ProcessRecorder::on_block_made(const LiveBlock& block) {
  aggregates_.known_block_made(block.site, block.size, to_ns(block.t));
}

void ProcessRecorder::on_block_freed(const LiveBlock& block, std::uint64_t t,
                                     std::uint32_t number) {
  aggregates_.block_freed(block.site, block.address, block.size, to_ns(block.t), to_ns(t),
                          block.thread, number);
}

void ProcessRecorder::on_unknown_free(std::uint64_t) { aggregates_.unknown_free(); }

void ProcessRecorder::sample() {
  if (replaced_at_) return;  // it is another program's memory by now
  const std::string path = "/proc/" + std::to_string(row_.pid) + "/statm";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return;
  unsigned long long total = 0;
  unsigned long long resident = 0;
  if (std::fscanf(file, "%llu %llu", &total, &resident) == 2 && resident != 0) {
    constexpr std::uint64_t kPage = 4096;
    writer_.put_sample({row_.id, clock_.measured_ns(), resident * kPage, total * kPage});
  }
  std::fclose(file);
}

void ProcessRecorder::write_progress() {
  flush_chunk();
  aggregates_.write_to(writer_, false);
  failures_.write_to(writer_);
  write_pools();
  for (auto& [number, figures] : threads_) {
    if (!figures.changed) continue;
    figures.changed = false;
    writer_.put_thread(figures.row);
  }
  const SessionMemory& memory = session_.memory();
  const ProcessRow& totals = aggregates_.totals();
  ProcessRow row = totals;
  row.id = row_.id;
  row.pid = row_.pid;
  row.parent_pid = row_.parent_pid;
  row.parent = row_.parent;
  row.command = row_.command;
  row.executable = row_.executable;
  row.started = row_.started;
  row.ended = row_.ended;
  row.end = row_.end;
  row.complete = row_.complete;
  row.stacks_cut = memory.header().depot_full.load(std::memory_order_relaxed) != 0;
  row.dropped = memory.header().dropped.load(std::memory_order_relaxed);
  writer_.put_process(row);
}

void ProcessRecorder::finish(const std::string& end, bool ended) {
  // What a ring holds may take two rounds; a process that goes on is not followed.
  for (int round = 0; round < 3; ++round) {
    if (take(std::numeric_limits<std::uint64_t>::max()) == 0) break;
  }
  live_.settle(std::numeric_limits<std::uint64_t>::max());
  faults_.finish();
  row_.end = end;
  if (ended) row_.ended = clock_.measured_ns();
  if (replaced_at_) {
    row_.end = "exec";
    row_.ended = replaced_at_;
  }
  row_.complete = true;
  live_.blocks().for_each([this](const LiveBlock& block) {
    const SiteRow& site = aggregates_.sites()[block.site].row;
    writer_.put_block({row_.id, block.address, block.size, site.stack, site.api,
                       TraceThreadId{block.thread}, to_ns(block.t)});
  });
  flush_chunk();
  aggregates_.write_to(writer_, true);
  write_progress();
}

ProcessRecorder::StackChecks ProcessRecorder::stack_checks() const {
  const SessionHeader& header = session_.memory().header();
  return {header.stacks_checked.load(std::memory_order_relaxed),
          header.stacks_different.load(std::memory_order_relaxed)};
}

ProcessRecorder::Guards ProcessRecorder::guards() const {
  const SessionHeader& header = session_.memory().header();
  return {header.blocks_guarded.load(std::memory_order_relaxed),
          header.guard_method.load(std::memory_order_relaxed)};
}

void ProcessRecorder::tell_to_stop() {
  session_.memory().header().recording.store(0, std::memory_order_release);
}

}  // namespace memoir

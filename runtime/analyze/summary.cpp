#include "analyze/summary.h"

#include <algorithm>
#include <map>

#include "analyze/leaks.h"

namespace memoir {
namespace {

// A process without an end is timed by the last thing that is known of it.
constexpr const char* kProcesses =
    "SELECT id, pid, parent_pid, command, executable, end, started,"
    " max(started, coalesce(ended,"
    "  (SELECT max(t1) FROM chunk c WHERE c.process = p.id),"
    "  (SELECT max(t) FROM sample s WHERE s.process = p.id), started)) - started,"
    " (SELECT count(*) FROM thread t WHERE t.process = p.id),"
    " allocations, frees, allocated_bytes, temporary, peak_bytes, peak_blocks, peak_t,"
    " mapped_peak_bytes, mapped_live_bytes, dropped,"
    " unknown_frees, events, stacks_cut"
    " FROM process p ORDER BY id";

ProcessSummary read_process(const Statement& row) {
  ProcessSummary process;
  process.id = {static_cast<std::uint32_t>(row.integer(0))};
  process.pid = row.integer(1);
  process.parent_pid = row.integer(2);
  process.command = row.text(3);
  process.executable = row.text(4);
  process.end = row.text(5);
  process.started = row.natural(6);
  process.duration = row.natural(7);
  int column = 8;
  for (std::uint64_t* figure :
       {&process.threads, &process.allocations, &process.frees, &process.allocated_bytes,
        &process.temporary, &process.peak_bytes, &process.peak_blocks, &process.peak_t,
        &process.mapped_peak_bytes, &process.mapped_live_bytes, &process.dropped,
        &process.unknown_frees, &process.events}) {
    *figure = row.natural(column++);
  }
  process.stacks_cut = row.integer(column) != 0;
  return process;
}

void add(const ProcessSummary& process, ProcessSummary& total) {
  total.threads += process.threads;
  total.allocations += process.allocations;
  total.frees += process.frees;
  total.allocated_bytes += process.allocated_bytes;
  total.temporary += process.temporary;
  total.live_blocks += process.live_blocks;
  total.live_bytes += process.live_bytes;
  total.mapped_live_bytes += process.mapped_live_bytes;
  total.mapped_peak_bytes = std::max(total.mapped_peak_bytes, process.mapped_peak_bytes);
  total.dropped += process.dropped;
  total.unknown_frees += process.unknown_frees;
  total.events += process.events;
  total.stacks_cut |= process.stacks_cut;
  if (process.peak_bytes >= total.peak_bytes) {
    total.id = process.id;
    total.pid = process.pid;
    total.peak_bytes = process.peak_bytes;
    total.peak_blocks = process.peak_blocks;
    total.peak_t = process.peak_t;
  }
}

}  // namespace

RunSummary summarize(TraceReader& trace, std::optional<ProcessId> only) {
  RunSummary run;
  run.state = trace.state();
  run.version = trace.meta("memoir_version");
  const std::map<ProcessId, NeverFreed> left = never_freed(trace, only);
  Statement rows = trace.database().prepare(kProcesses);
  std::uint64_t begin = ~std::uint64_t{0}, end = 0;
  while (rows.step()) {
    ProcessSummary process = read_process(rows);
    if (only && process.id != *only) continue;
    if (const auto live = left.find(process.id); live != left.end()) {
      process.live_blocks = live->second.blocks;
      process.live_bytes = live->second.bytes;
    }
    add(process, run.total);
    begin = std::min(begin, process.started);
    end = std::max(end, process.started + process.duration);
    run.processes.push_back(process);
  }
  if (!run.processes.empty()) {
    run.total.command = run.processes.front().command;
    run.total.executable = run.processes.front().executable;
    run.total.end = run.processes.front().end;
    run.total.started = begin;
    run.total.duration = end - begin;
  }
  return run;
}

}  // namespace memoir

#include "analyze/threads.h"

#include <algorithm>
#include <map>

#include "analyze/chunk_replay.h"
#include "analyze/event_scan.h"
#include "analyze/moments.h"

namespace memoir {
namespace {

using Children = std::map<std::uint32_t, std::vector<std::size_t>>;  // by parent

void add_with_children(const std::vector<ProcessSummary>& processes, std::size_t which,
                       std::optional<std::size_t> parent, const Children& children,
                       std::vector<ProcessNode>& tree) {
  struct Waiting {
    std::size_t which;
    std::optional<std::size_t> parent;
  };
  std::vector<Waiting> waiting{{which, parent}};
  while (!waiting.empty()) {
    const Waiting next = waiting.back();
    waiting.pop_back();
    const std::size_t depth = next.parent ? tree[*next.parent].depth + 1 : 0;
    tree.push_back({processes[next.which], next.parent, depth});
    const std::size_t place = tree.size() - 1;
    const auto own = children.find(processes[next.which].id.value);
    if (own == children.end()) continue;
    for (auto child = own->second.rbegin(); child != own->second.rend(); ++child) {
      waiting.push_back({*child, place});
    }
  }
}

using Figures = ByStack<ThreadFigures>;  // by thread: as good a number as a stack's

ThreadFigures& of_thread(Figures& figures, std::uint32_t thread) {
  ThreadFigures& own = figures[thread];
  own.thread = thread;
  return own;
}

}  // namespace

std::vector<ProcessNode> process_tree(TraceReader& trace) {
  const RunSummary run = summarize(trace);
  std::map<std::uint32_t, std::uint32_t> parents;
  Statement rows = trace.database().prepare("SELECT id, parent FROM process");
  while (rows.step()) {
    parents[static_cast<std::uint32_t>(rows.integer(0))] =
        static_cast<std::uint32_t>(rows.integer(1));
  }
  std::map<std::uint32_t, std::size_t> places;
  for (std::size_t i = 0; i < run.processes.size(); ++i) {
    places[run.processes[i].id.value] = i;
  }
  Children children;
  std::vector<std::size_t> roots;
  for (std::size_t i = 0; i < run.processes.size(); ++i) {
    const std::uint32_t id = run.processes[i].id.value;
    const std::uint32_t parent = parents[id];
    // Parents have smaller numbers: a trace that says otherwise makes no circles.
    if (parent != 0 && parent < id && places.contains(parent)) {
      children[parent].push_back(i);
    } else {
      roots.push_back(i);
    }
  }
  std::vector<ProcessNode> tree;
  for (const std::size_t root : roots) {
    add_with_children(run.processes, root, std::nullopt, children, tree);
  }
  return tree;
}

std::vector<ThreadSummary> read_threads(Database& database,
                                        std::optional<ProcessId> only) {
  std::vector<ThreadSummary> threads;
  Statement rows = database.prepare(
      "SELECT process, thread, tid, name, started, ended FROM thread"
      " WHERE ?1 IS NULL OR process = ?1 ORDER BY process, thread");
  if (only) rows.bind(0, only->value);
  while (rows.step()) {
    ThreadSummary& thread = threads.emplace_back();
    thread.process = {static_cast<std::uint32_t>(rows.integer(0))};
    thread.thread = static_cast<std::uint32_t>(rows.integer(1));
    thread.tid = rows.integer(2);
    thread.name = rows.text(3);
    thread.started = rows.natural(4);
    if (!rows.is_null(5)) thread.ended = rows.natural(5);
  }
  return threads;
}

std::vector<ThreadFigures> count_threads(const EventIndex& index, std::uint64_t begin,
                                         std::uint64_t end, const Job& job,
                                         unsigned threads) {
  if (threads == 0) threads = scan_threads();
  std::vector<Figures> counts(threads);
  {
    const EventIndex::View view = index.view();
    end = std::min(end, view->events);
    scan_events_in_parallel(
        view.source(), begin, end, job, threads,
        [&](unsigned thread, const EventSpan& span) {
          for (const TraceEvent& event : span.events) {
            const bool moves = event.kind == TraceEventKind::kRealloc;
            if (moves || event.kind == TraceEventKind::kAlloc) {
              if (event.address == 0) continue;
              ThreadFigures& own = of_thread(counts[thread], event.thread);
              ++own.allocations;
              own.allocated_bytes += event.size;
              own.frees += moves && event.old_address != 0 ? 1 : 0;
            } else if (event.kind == TraceEventKind::kFree && event.address != 0) {
              ++of_thread(counts[thread], event.thread).frees;
            }
          }
        });
  }
  Figures all;
  for (const Figures& count : counts) {
    for (const auto& [thread, own] : count.entries()) {
      ThreadFigures& to = of_thread(all, thread);
      to.allocations += own.allocations;
      to.allocated_bytes += own.allocated_bytes;
      to.frees += own.frees;
    }
  }
  for (const TracedBlock& block : blocks_at(index, end, job)) {
    ThreadFigures& own = of_thread(all, block.thread);
    ++own.live_blocks;
    own.live_bytes += block.size;
  }
  std::vector<ThreadFigures> sorted;
  for (const auto& [thread, own] : all.take_sorted()) sorted.push_back(own);
  return sorted;
}

}  // namespace memoir

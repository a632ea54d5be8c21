#include "analyze/pool_blocks.h"

#include <unordered_map>

#include "analyze/event_scan.h"

namespace memoir {
namespace {

class PoolPairing {
 public:
  explicit PoolPairing(const PoolBlockVisit& visit) : visit_(visit) {}

  void add(const TraceEvent& event, std::uint64_t seq) {
    const auto pool = static_cast<std::uint32_t>(event.old_size);
    Blocks& blocks = pools_[pool];
    if (event.kind == TraceEventKind::kPoolReset) {
      for (auto& [address, block] : blocks) end(block, event, seq, pool);
      blocks.clear();
      return;
    }
    const auto there = blocks.find(event.address);
    if (there != blocks.end()) {
      end(there->second, event, seq, pool);
      blocks.erase(there);
    }
    if (event.kind != TraceEventKind::kPoolAlloc) return;
    blocks[event.address] = made_block(event, seq);
    last_made_[event.thread] = seq;
  }

  void finish() {
    for (const auto& [pool, blocks] : pools_) {
      for (const auto& [address, block] : blocks) visit_(block, pool);
    }
  }

 private:
  using Blocks = std::unordered_map<std::uint64_t, TracedBlock>;  // by address

  void end(TracedBlock& block, const TraceEvent& event, std::uint64_t seq,
           std::uint32_t pool) {
    block.free_seq = seq;
    block.free_t = event.t;
    block.temporary =
        block.thread == event.thread && last_made_[block.thread] == block.seq;
    visit_(block, pool);
  }

  const PoolBlockVisit& visit_;
  std::unordered_map<std::uint32_t, Blocks> pools_;
  std::unordered_map<std::uint32_t, std::uint64_t> last_made_;  // by thread: the event
};

}  // namespace

void visit_pool_blocks(const EventSource& source, std::uint32_t pool,
                       std::uint64_t events, const Job& job, const PoolBlockVisit& visit,
                       unsigned threads) {
  PoolPairing pairing(visit);
  scan_events(
      source, 0, events, job,
      [&](const EventSpan& span) {
        for (std::size_t i = 0; i < span.events.size(); ++i) {
          const TraceEvent& event = span.events[i];
          if (!is_of_pool(event.kind) || (pool != 0 && event.old_size != pool)) continue;
          pairing.add(event, span.first_seq + i);
        }
      },
      threads);
  pairing.finish();
}

}  // namespace memoir

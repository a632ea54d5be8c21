#pragma once

// The pools of one process, and their blocks: what each call site got from each pool. The
// blocks of pools lie in blocks of the heap, so they stay out of the heap's totals.
//
// The program may say anything: a pool that was never made gets a row without a name, a
// block that is not there is not freed. Memory grows with the pools that exist, and with
// the different ways in which those that ended were made, not with their number.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collect/block_table.h"
#include "collect/pool_events.h"
#include "memoir/track.h"
#include "trace/trace_writer.h"
#include "wire/event.h"

namespace memoir {

class PoolBook {
 public:
  explicit PoolBook(ProcessId process) : process_(process) {}

  void create(std::uint32_t pool, std::uint64_t parent, std::string kind,
              TraceStackId stack, std::uint64_t t);
  void name(std::uint32_t pool, std::string name);
  void alloc(std::uint32_t pool, std::uint64_t address, std::uint64_t size,
             TraceStackId stack, std::uint32_t thread = 0);
  // By another thread than had the block: that is an event of kind hand_over.
  void free(std::uint32_t pool, std::uint64_t address, std::uint32_t thread = 0,
            std::uint64_t t = 0);
  // `told.from_thread` is found here, where the event is a hand-over. `text_of` as
  // PoolEvents has it.
  template <typename TextOf>
  void tell(std::uint32_t pool, PoolEventTold told, TextOf text_of);
  void reset(std::uint32_t pool);
  void destroy(std::uint32_t pool, std::uint64_t t);
  // The heap's block at this address holds the pool's. `number` tells it from the next
  // one there.
  void back(std::uint64_t address, std::uint64_t number) { backing_[address] = number; }

  bool empty() const { return pools_.empty() && ended_.empty(); }

  // Writes what changed since the last time. `blocks`: the heap's live ones; `site_of`
  // gives the row of a site's number.
  template <typename SiteOf>
  void write_to(TraceWriter& writer, const BlockTable& blocks, SiteOf site_of);

 private:
  struct Block {
    std::uint64_t size = 0;
    TraceStackId stack = {};
    std::uint32_t thread = 0;  // that had it last
  };
  using Sites = std::map<std::uint32_t, PoolSiteRow>;  // by stack
  struct Pool {
    PoolRow row;
    std::unordered_map<std::uint64_t, Block> blocks;
    Sites sites;
    PoolEvents events;
    bool written = false;
  };
  // How a pool was made: its parent and stack, kind and name.
  using Origin = std::tuple<std::uint32_t, std::uint32_t, std::string, std::string>;

  // Null for one that has ended.
  Pool* pool(std::uint32_t number);
  // Who had the block until now; 0: not known, or the same.
  static std::uint32_t hand_over(Pool& pool, std::uint64_t address, std::uint32_t thread);
  static void take_back(Pool& pool, const Block& block);
  static void take_all_back(Pool& pool);
  // What the pool had is added to one that was made alike and ended before.
  static void merge(const Pool& pool, Pool& into);
  void write(TraceWriter& writer, Pool& pool);
  void write_figures(TraceWriter& writer);

  ProcessId process_;
  std::unordered_map<std::uint32_t, Pool> pools_;
  std::map<Origin, Pool> ended_;
  std::vector<bool> has_ended_;          // by number
  std::vector<std::uint32_t> obsolete_;  // rows of pools that are in another's row by now
  std::unordered_map<std::uint64_t, std::uint64_t> backing_;  // address: number
  std::set<std::uint32_t> changed_;
  std::set<Origin> changed_ended_;
  using BackingSite = std::pair<std::uint32_t, Api>;  // a stack, and by which function
  std::set<BackingSite> written_backing_;             // that have a row
};

template <typename TextOf>
void PoolBook::tell(std::uint32_t number, PoolEventTold told, TextOf text_of) {
  Pool* of = pool(number);
  if (of == nullptr) return;
  if (told.kind == MEMOIR_POOL_HAND_OVER) {
    told.from_thread = hand_over(*of, told.address, told.thread);
  }
  of->events.add(told, text_of);
}

template <typename SiteOf>
void PoolBook::write_to(TraceWriter& writer, const BlockTable& blocks, SiteOf site_of) {
  write_figures(writer);
  if (backing_.empty()) return;
  std::map<BackingSite, PoolBackingRow> rows;
  for (const BackingSite& site : written_backing_) rows[site];
  std::erase_if(backing_, [&](const auto& marked) {
    const std::size_t place = blocks.find(marked.first);
    if (place == BlockTable::kNowhere) return true;
    const LiveBlock block = blocks.at(place);
    if (block.number != marked.second) return true;
    const SiteRow& site = site_of(block.site);
    PoolBackingRow& row = rows[{site.stack.value, site.api}];
    ++row.blocks;
    row.bytes += block.size;
    return false;
  });
  for (auto& [site, row] : rows) {
    row.process = process_;
    row.stack = {site.first};
    row.api = static_cast<std::uint32_t>(site.second);
    writer.put_pool_backing(row);
    written_backing_.insert(site);
  }
}

}  // namespace memoir

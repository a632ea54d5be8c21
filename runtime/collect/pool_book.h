#pragma once

// The pools of one process, and their blocks: what each call site got from each pool. The
// blocks of pools lie in blocks of the heap, so they stay out of the heap's totals.
//
// The program may say anything: a pool that was never made gets a row without a name, a
// block that is not there is not freed. The number of pools is bounded by the wire's.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "collect/block_table.h"
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
             TraceStackId stack);
  void free(std::uint32_t pool, std::uint64_t address);
  void reset(std::uint32_t pool);
  void destroy(std::uint32_t pool, std::uint64_t t);
  // The heap's block at this address holds the pool's. `number` tells it from the next
  // one there.
  void back(std::uint64_t address, std::uint64_t number) { backing_[address] = number; }

  bool empty() const { return pools_.empty(); }

  // Writes what changed since the last time. `blocks`: the heap's live ones; `stack_of`
  // gives the stack of a site's number.
  template <typename StackOf>
  void write_to(TraceWriter& writer, const BlockTable& blocks, StackOf stack_of);

 private:
  struct Block {
    std::uint64_t size = 0;
    TraceStackId stack = {};
  };
  struct Pool {
    PoolRow row;
    std::unordered_map<std::uint64_t, Block> blocks;
  };
  using SiteKey = std::pair<std::uint32_t, std::uint32_t>;  // pool, stack

  Pool& pool(std::uint32_t number);
  void take_back(Pool& pool, const Block& block);
  void write_figures(TraceWriter& writer);

  ProcessId process_;
  std::unordered_map<std::uint32_t, Pool> pools_;
  std::map<SiteKey, PoolSiteRow> sites_;
  std::unordered_map<std::uint64_t, std::uint64_t> backing_;  // address: number
  std::set<std::uint32_t> changed_pools_;
  std::set<SiteKey> changed_sites_;
  std::set<std::uint32_t> written_backing_;  // stacks that have a row
};

template <typename StackOf>
void PoolBook::write_to(TraceWriter& writer, const BlockTable& blocks, StackOf stack_of) {
  write_figures(writer);
  if (backing_.empty()) return;
  std::map<std::uint32_t, PoolBackingRow> rows;
  for (const std::uint32_t stack : written_backing_) rows[stack];
  std::erase_if(backing_, [&](const auto& marked) {
    const std::size_t place = blocks.find(marked.first);
    if (place == BlockTable::kNowhere) return true;
    const LiveBlock block = blocks.at(place);
    if (block.number != marked.second) return true;
    PoolBackingRow& row = rows[stack_of(block.site).value];
    ++row.blocks;
    row.bytes += block.size;
    return false;
  });
  for (auto& [stack, row] : rows) {
    row.process = process_;
    row.stack = {stack};
    writer.put_pool_backing(row);
    written_backing_.insert(stack);
  }
}

}  // namespace memoir

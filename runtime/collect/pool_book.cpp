#include "collect/pool_book.h"

#include <algorithm>

namespace memoir {

PoolBook::Pool* PoolBook::pool(std::uint32_t number) {
  if (number < has_ended_.size() && has_ended_[number]) return nullptr;
  const auto [known, is_new] = pools_.try_emplace(number);
  if (is_new) {
    known->second.row.process = process_;
    known->second.row.pool = number;
  }
  changed_.insert(number);
  return &known->second;
}

void PoolBook::create(std::uint32_t number, std::uint64_t parent, std::string kind,
                      TraceStackId stack, std::uint64_t t) {
  Pool* made = pool(number);
  if (made == nullptr) return;
  made->row.parent = parent <= kMostPools ? static_cast<std::uint32_t>(parent) : 0;
  made->row.kind = std::move(kind);
  made->row.stack = stack;
  made->row.created = t;
}

void PoolBook::name(std::uint32_t number, std::string name) {
  if (Pool* of = pool(number)) of->row.name = std::move(name);
}

void PoolBook::take_back(Pool& pool, const Block& block) {
  ++pool.row.frees;
  --pool.row.live_blocks;
  pool.row.live_bytes -= block.size;
  PoolSiteRow& site = pool.sites[block.stack.value];
  ++site.frees;
  --site.live_blocks;
  site.live_bytes -= block.size;
}

void PoolBook::take_all_back(Pool& pool) {
  for (const auto& [address, block] : pool.blocks) take_back(pool, block);
  pool.blocks.clear();
}

void PoolBook::alloc(std::uint32_t number, std::uint64_t address, std::uint64_t size,
                     TraceStackId stack, std::uint32_t thread) {
  Pool* of = pool(number);
  if (of == nullptr) return;
  const auto [block, is_new] = of->blocks.try_emplace(address);
  // The event that took back what was there was lost.
  if (!is_new) take_back(*of, block->second);
  block->second = {size, stack, thread};
  PoolRow& row = of->row;
  ++row.allocations;
  ++row.live_blocks;
  row.live_bytes += size;
  row.peak_bytes = std::max(row.peak_bytes, row.live_bytes);
  PoolSiteRow& site = of->sites[stack.value];
  site.process = process_;
  site.pool = number;
  site.stack = stack;
  ++site.allocations;
  site.allocated_bytes += size;
  ++site.live_blocks;
  site.live_bytes += size;
  site.peak_bytes = std::max(site.peak_bytes, site.live_bytes);
}

std::uint32_t PoolBook::hand_over(Pool& pool, std::uint64_t address,
                                  std::uint32_t thread) {
  const auto block = pool.blocks.find(address);
  if (block == pool.blocks.end() || block->second.thread == thread) return 0;
  return std::exchange(block->second.thread, thread);
}

void PoolBook::free(std::uint32_t number, std::uint64_t address, std::uint32_t thread,
                    std::uint64_t t) {
  Pool* of = pool(number);
  if (of == nullptr) return;
  const auto block = of->blocks.find(address);
  if (block == of->blocks.end()) return;  // made before the recording, or in a pause
  if (block->second.thread != thread) {
    PoolEventTold told;
    told.kind = MEMOIR_POOL_HAND_OVER;
    told.thread = thread;
    told.from_thread = block->second.thread;
    told.address = address;
    told.size = block->second.size;
    told.detail = text_word(0, 1);
    told.t = t;
    of->events.add(told, [](TextRef) { return std::string(); });
  }
  take_back(*of, block->second);
  of->blocks.erase(block);
}

void PoolBook::reset(std::uint32_t number) {
  Pool* of = pool(number);
  if (of == nullptr) return;
  ++of->row.resets;
  take_all_back(*of);
}

void PoolBook::destroy(std::uint32_t number, std::uint64_t t) {
  Pool* of = pool(number);
  if (of == nullptr || number > kMostPools) return;
  take_all_back(*of);
  of->row.ended = t;
  if (has_ended_.size() <= number) has_ended_.resize(number + 1);
  has_ended_[number] = true;
  const Origin origin{of->row.parent, of->row.stack.value, of->row.kind, of->row.name};
  const auto alike = ended_.find(origin);
  if (alike == ended_.end()) {
    ended_.emplace(origin, std::move(*of));
  } else {
    if (of->written) obsolete_.push_back(number);
    merge(*of, alike->second);
  }
  changed_ended_.insert(origin);
  pools_.erase(number);
  changed_.erase(number);
}

void PoolBook::merge(const Pool& pool, Pool& into) {
  PoolRow& row = into.row;
  row.allocations += pool.row.allocations;
  row.frees += pool.row.frees;
  row.peak_bytes = std::max(row.peak_bytes, pool.row.peak_bytes);
  row.resets += pool.row.resets;
  row.ended = pool.row.ended;
  ++row.instances;
  into.events.merge(pool.events);
  for (const auto& [stack, site] : pool.sites) {
    PoolSiteRow& to = into.sites[stack];
    to.process = site.process;
    to.pool = row.pool;
    to.stack = site.stack;
    to.allocations += site.allocations;
    to.frees += site.frees;
    to.allocated_bytes += site.allocated_bytes;
    to.peak_bytes = std::max(to.peak_bytes, site.peak_bytes);
  }
}

void PoolBook::write(TraceWriter& writer, Pool& pool) {
  writer.put_pool(pool.row);
  for (const auto& [stack, site] : pool.sites) writer.put_pool_site(site);
  const std::vector<PoolEventRow>& events = pool.events.groups();
  for (std::size_t i = 0; i < events.size(); ++i) {
    writer.put_pool_event(process_, pool.row.pool, i, events[i]);
  }
  pool.written = true;
}

void PoolBook::write_figures(TraceWriter& writer) {
  for (const std::uint32_t number : obsolete_) writer.remove_pool(process_, number);
  for (const std::uint32_t number : changed_) write(writer, pools_[number]);
  for (const Origin& origin : changed_ended_) write(writer, ended_[origin]);
  obsolete_.clear();
  changed_.clear();
  changed_ended_.clear();
}

}  // namespace memoir

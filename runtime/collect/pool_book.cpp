#include "collect/pool_book.h"

#include <algorithm>

namespace memoir {

PoolBook::Pool& PoolBook::pool(std::uint32_t number) {
  const auto [known, is_new] = pools_.try_emplace(number);
  if (is_new) {
    known->second.row.process = process_;
    known->second.row.pool = number;
  }
  changed_pools_.insert(number);
  return known->second;
}

void PoolBook::create(std::uint32_t number, std::uint64_t parent, std::string kind,
                      TraceStackId stack, std::uint64_t t) {
  PoolRow& row = pool(number).row;
  row.parent = parent <= kMostPools ? static_cast<std::uint32_t>(parent) : 0;
  row.kind = std::move(kind);
  row.stack = stack;
  row.created = t;
}

void PoolBook::name(std::uint32_t number, std::string name) {
  pool(number).row.name = std::move(name);
}

void PoolBook::take_back(Pool& pool, const Block& block) {
  ++pool.row.frees;
  --pool.row.live_blocks;
  pool.row.live_bytes -= block.size;
  const SiteKey key{pool.row.pool, block.stack.value};
  PoolSiteRow& site = sites_[key];
  ++site.frees;
  --site.live_blocks;
  site.live_bytes -= block.size;
  changed_sites_.insert(key);
}

void PoolBook::alloc(std::uint32_t number, std::uint64_t address, std::uint64_t size,
                     TraceStackId stack) {
  Pool& of = pool(number);
  const auto [block, is_new] = of.blocks.try_emplace(address);
  // The event that took back what was there was lost.
  if (!is_new) take_back(of, block->second);
  block->second = {size, stack};
  PoolRow& row = of.row;
  ++row.allocations;
  ++row.live_blocks;
  row.live_bytes += size;
  row.peak_bytes = std::max(row.peak_bytes, row.live_bytes);
  const SiteKey key{number, stack.value};
  PoolSiteRow& site = sites_[key];
  site.process = process_;
  site.pool = number;
  site.stack = stack;
  ++site.allocations;
  site.allocated_bytes += size;
  ++site.live_blocks;
  site.live_bytes += size;
  site.peak_bytes = std::max(site.peak_bytes, site.live_bytes);
  changed_sites_.insert(key);
}

void PoolBook::free(std::uint32_t number, std::uint64_t address) {
  Pool& of = pool(number);
  const auto block = of.blocks.find(address);
  if (block == of.blocks.end()) return;  // made before the recording, or in a pause
  take_back(of, block->second);
  of.blocks.erase(block);
}

void PoolBook::reset(std::uint32_t number) {
  Pool& of = pool(number);
  ++of.row.resets;
  for (const auto& [address, block] : of.blocks) take_back(of, block);
  of.blocks.clear();
}

void PoolBook::destroy(std::uint32_t number, std::uint64_t t) {
  Pool& of = pool(number);
  for (const auto& [address, block] : of.blocks) take_back(of, block);
  of.blocks = {};
  of.row.ended = t;
}

void PoolBook::write_figures(TraceWriter& writer) {
  for (const std::uint32_t number : changed_pools_) writer.put_pool(pools_[number].row);
  for (const SiteKey& key : changed_sites_) writer.put_pool_site(sites_[key]);
  changed_pools_.clear();
  changed_sites_.clear();
}

}  // namespace memoir

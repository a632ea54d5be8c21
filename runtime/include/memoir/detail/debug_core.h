#pragma once

// The books of a debug_allocator: each live block, with where it came from and how it
// goes back. They stay as long as blocks are out. Thread safety: any.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/caller.h"

MEMOIR_BEGIN
namespace detail {

class debug_core final : public block_owner {
 public:
  debug_core(std::string name, block_owner& backing, site where)
      : watch_{"debug_allocator", watch_style::allocator, where, &backing.watch()},
        name_{std::move(name)} {
    watch_.set_name(name_);
  }

  const std::string& name() const noexcept { return name_; }
  const pool_watch& watch() const noexcept override { return watch_; }

  // Takes a block of the allocator below under its care.
  [[nodiscard]] detached_block track(const detached_block& block,
                                     const block_request& request, site where) {
    try {
      const std::lock_guard lock{mutex_};
      blocks_.emplace(block.block, entry{block, caller_scope::of(where)});
      live_bytes_ += block.bytes;
      all_bytes_ += block.bytes;
    } catch (...) {
      block.owner->take_back(block.block, block.bytes, block.number, where);
      throw;
    }
    retain();
    block.owner->retain();  // it may outlive its allocator
    const auto content =
        request.content == zero::yes ? block_content::kept : block_content::uninitialized;
    // The redzones are those of the allocator below.
    const block_number number = watch_.allocated(block.block, block.bytes, 0, 0,
                                                 request.alignment, where, content);
    return {block.block, block.bytes, this, number};
  }

  void take_back(void* block, std::size_t, block_number number,
                 site where) noexcept override {
    if (watch_.released(block, number, where)) pass_on(block, where);
  }
  // By its address alone. False: it is no live block, which was reported.
  bool take_back_if_known(void* block, site where) noexcept {
    return watch_.released(block, where) && pass_on(block, where);
  }

  // The face ends.
  void close() noexcept { release(); }

  std::size_t live_blocks() const {
    const std::lock_guard lock{mutex_};
    return blocks_.size();
  }
  std::uint64_t live_bytes() const {
    const std::lock_guard lock{mutex_};
    return live_bytes_;
  }
  std::uint64_t allocated_bytes() const {
    const std::lock_guard lock{mutex_};
    return all_bytes_;
  }

  void report_leaks(site where) { watch_.report_live(finding::leak, where); }

  // Empty where all blocks are back.
  std::string describe() const {
    const std::vector<site_sum> sums = by_site();
    if (sums.empty()) return {};
    std::size_t blocks = 0;
    std::size_t bytes = 0;
    std::string lines;
    for (const site_sum& sum : sums) {
      lines += "  " + counted(sum.blocks, sum.bytes);
      if (sum.where.line != 0) {
        lines += std::string{" allocated at "} + sum.where.file + ":" +
                 std::to_string(sum.where.line) + " in " + sum.where.function;
      }
      lines += "\n";
      blocks += sum.blocks;
      bytes += sum.bytes;
    }
    return "MEMORY LEAK DETECTED in " + name_ + ": " + counted(blocks, bytes) + "\n" +
           lines;
  }

 private:
  struct entry {
    detached_block below;
    records::source_place where;
  };
  struct site_sum {
    records::source_place where;
    std::size_t blocks;
    std::size_t bytes;
  };

  ~debug_core() override = default;

  static std::string counted(std::size_t blocks, std::size_t bytes) {
    return std::to_string(blocks) + (blocks == 1 ? " block, " : " blocks, ") +
           std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  }

  std::vector<site_sum> by_site() const {
    std::vector<site_sum> sums;
    const std::lock_guard lock{mutex_};
    for (const auto& [block, one] : blocks_) {
      const records::source_place where = one.where;
      const auto same = std::find_if(sums.begin(), sums.end(), [&](const site_sum& sum) {
        return sum.where.line == where.line &&
               std::string_view{sum.where.file} == where.file;
      });
      if (same == sums.end()) {
        sums.push_back({where, 1, one.below.bytes});
      } else {
        ++same->blocks;
        same->bytes += one.below.bytes;
      }
    }
    std::sort(sums.begin(), sums.end(), [](const site_sum& a, const site_sum& b) {
      return a.bytes != b.bytes ? a.bytes > b.bytes : a.where.line < b.where.line;
    });
    return sums;
  }

  // False: it was not in the books.
  bool pass_on(void* block, site where) noexcept {
    detached_block below;
    {
      const std::lock_guard lock{mutex_};
      const auto found = blocks_.find(block);
      if (found == blocks_.end()) return false;
      below = found->second.below;
      live_bytes_ -= below.bytes;
      blocks_.erase(found);
    }
    below.owner->take_back(below.block, below.bytes, below.number, where);
    below.owner->release();
    release();
    return true;
  }

  pool_watch watch_;
  const std::string name_;
  mutable std::mutex mutex_;
  std::unordered_map<const void*, entry> blocks_;
  std::uint64_t live_bytes_ = 0;
  std::uint64_t all_bytes_ = 0;
};

}  // namespace detail
MEMOIR_END

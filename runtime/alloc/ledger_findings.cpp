// What a ledger finds and how it says so; ledger.cpp keeps the books.

#include <algorithm>
#include <vector>

#include "alloc/ledger.h"
#include "alloc/ledgers.h"
#include "alloc/redzones.h"

namespace memoir::records {
finding_report ledger::make(finding kind, const source_place& where) const {
  finding_report report;
  report.kind = kind;
  report.pool_kind = kind_;
  report.pool_name = name_;
  report.pool = id_;
  report.where = where;
  return report;
}

finding_report ledger::make(finding kind, const source_place& where,
                            const block_entry& block) const {
  finding_report report = make(kind, where);
  report.address = block.begin;
  report.block = block.begin;
  report.block_size = block.size;
  report.block_number = block.number;
  report.allocated = block.allocated;
  report.released = block.released;
  return report;
}

finding ledger::used_after_release(const block_entry& block) const {
  if (block.state == block_state::reset || style_ == watch_style::arena) {
    return finding::use_after_reset;
  }
  return style_ == watch_style::pool ? finding::use_after_return
                                     : finding::use_after_free;
}

// Called without the lock: it looks at other pools, too.
finding_report ledger::not_live(void* block, std::uint64_t number,
                                const source_place& where) const {
  block_entry other;
  const bool others = find_owner(block, this, other);
  const bool begins_there = others && other.begin == block;
  const auto foreign = [&] {
    finding_report report = make(finding::foreign_return, where, other);
    report.address = block;
    report.text = "the block belongs to another pool";
    return report;
  };
  {
    const std::lock_guard lock{mutex_};
    const block_entry* entry = blocks_.find(block);
    if (entry != nullptr && (number == 0 || entry->number == number)) {
      // Its memory may have gone back since, to whom the other pool has it from.
      if (number == 0 && begins_there && backing_of(block) == nullptr) return foreign();
      const bool reset = entry->state == block_state::reset;
      const finding again =
          style_ == watch_style::pool ? finding::double_return : finding::double_free;
      return make(reset ? finding::use_after_reset : again, where, *entry);
    }
    if (number != 0) {
      if (others && other.number == number) return foreign();
      if (entry != nullptr && entry->content == block_content::untouched) {
        finding_report report = make(finding::double_free, where, *entry);
        report.text = "two buffers owned the same memory";
        return report;
      }
      finding_report report = make(
          number <= reset_at_ ? finding::use_after_reset : finding::stale_handle, where);
      report.address = block;
      report.text = "the block was handed out again since";
      return report;
    }
  }
  if (block_entry own; find_live(block, own)) {
    // Pools have their blocks from other pools.
    if (begins_there && other.number > own.number) return foreign();
    finding_report report = make(finding::invalid_free, where, own);
    report.address = block;
    report.text = "the address lies inside a block";
    return report;
  }
  if (others) return foreign();
  finding_report report = make(finding::invalid_free, where);
  report.address = block;
  report.text = "this pool never handed it out";
  return report;
}

void ledger::check_redzones(const block_entry& block, const source_place& where,
                            pending_findings& found) const {
  if (block.content == block_content::untouched) return;
  shadow_.allow(block.extent_begin(), block.before);
  shadow_.allow(block.end(), block.after);
  const damage before = find_damage(block.extent_begin(), block.begin, canary_of);
  const damage after = find_damage(block.end(), block.extent_end(), canary_of);
  for (const damage& one : {before, after}) {
    if (one.first == nullptr || found.full()) continue;
    finding_report report = make(finding::pool_overflow, where, block);
    report.address = one.first;
    report.size = one.size;
    report.late = true;
    report.text = one.first < block.begin
                      ? found.text("written %s before a block of %s",
                                   {bytes_between(one.first, block.begin), "byte"},
                                   {block.size, "byte"})
                      : found.text("written %s after the end of a block of %s",
                                   {bytes_between(block.end(), one.first), "byte"},
                                   {block.size, "byte"});
    found.add(report);
    // Mended, so that it is told once.
    write_canaries(const_cast<std::byte*>(one.first),
                   const_cast<std::byte*>(one.first + one.size));
  }
  shadow_.forbid(block.extent_begin(), block.before);
  shadow_.forbid(block.end(), block.after);
}

const block_entry* ledger::last_owner(const std::byte* address) const {
  const block_entry* last = nullptr;
  blocks_.each([&](const block_entry& entry) {
    const bool holds = entry.begin <= address && address < entry.end();
    if (holds && entry.state != block_state::live &&
        (last == nullptr || entry.number > last->number)) {
      last = &entry;
    }
  });
  return last;
}

// Memory that nobody has, and may be looked at. Link bytes in it are the pool's.
void ledger::check_released(std::byte* begin, std::byte* end, const source_place& where,
                            pending_findings& found) const {
  const auto fill = [](const std::byte*) { return kReleasedFill; };
  while (begin < end && !found.full()) {
    const damage one = find_damage(begin, end, fill);
    if (one.first == nullptr) return;
    const block_entry* owner = last_owner(one.first);
    if (owner != nullptr && bytes_between(owner->begin, one.first) < link_bytes_) {
      begin = std::min(end, owner->begin + std::min(link_bytes_, owner->size));
      continue;
    }
    finding_report report = owner != nullptr
                                ? make(used_after_release(*owner), where, *owner)
                                : make(finding::pool_overflow, where);
    report.address = one.first;
    // Up to where the owner ends: what follows was another's.
    const std::byte* stop = owner != nullptr
                                ? std::min<const std::byte*>(end, owner->end())
                                : one.first + one.size;
    stop = std::min(stop, one.first + one.size);
    report.size = bytes_between(one.first, stop);
    report.late = true;
    report.text = owner != nullptr
                      ? found.text("written %s behind the begin of a block of %s",
                                   {bytes_between(owner->begin, one.first), "byte"},
                                   {owner->size, "byte"})
                      : "memory that was handed out to nobody was written";
    found.add(report);
    std::fill(begin, const_cast<std::byte*>(stop), std::byte{kReleasedFill});
    begin = const_cast<std::byte*>(stop);
  }
}

std::size_t ledger::verify(const source_place& where) {
  pending_findings found;
  {
    const std::lock_guard lock{mutex_};
    pages<block_entry> live;
    live.reserve(live_blocks_ + 1);
    blocks_.each([&](const block_entry& entry) {
      if (entry.state == block_state::live) live.push_back(entry);
    });
    std::sort(live.begin(), live.end(), [](const block_entry& a, const block_entry& b) {
      return a.begin < b.begin;
    });
    for (const block_entry& block : live) check_redzones(block, where, found);
    auto next = live.begin();  // both go by address
    for (const backing& memory : backing_) {
      std::byte* at = memory.begin;
      const auto look_until = [&](std::byte* end) {
        if (at >= end) return;
        shadow_.allow(at, bytes_between(at, end));
        check_released(at, end, where, found);
        shadow_.forbid(at, bytes_between(at, end));
      };
      while (next != live.end() && next->begin < memory.begin) ++next;
      for (; next != live.end() && next->begin < memory.end; ++next) {
        look_until(next->extent_begin());
        at = std::max(at, next->extent_end());
      }
      look_until(memory.touched);
    }
  }
  return found.tell_all();
}

bool ledger::check_idle(void* block, std::size_t size, const source_place& where) {
  pending_findings found;
  {
    const std::lock_guard lock{mutex_};
    auto* const begin = static_cast<std::byte*>(block);
    const auto fill = [](const std::byte*) { return kReleasedFill; };
    if (find_damage(begin, begin + size, fill).first == nullptr) return true;
    if (blocks_.find(block) == nullptr) {  // forgotten meanwhile
      block_entry entry;
      entry.begin = begin;
      entry.size = size;
      entry.state = block_state::released;
      blocks_.put(entry);
    }
    check_released(begin, begin + size, where, found);
  }
  return found.tell_all() == 0;
}

std::size_t ledger::check_size(const void* block, std::size_t bytes,
                               const source_place& where) const {
  pending_findings found;
  std::size_t size = bytes;
  {
    const std::lock_guard lock{mutex_};
    const block_entry* entry = blocks_.find(block);
    if (entry == nullptr || entry->state != block_state::live || entry->size == bytes) {
      return bytes;
    }
    size = entry->size;
    finding_report report = make(finding::alloc_dealloc_mismatch, where, *entry);
    report.size = bytes;
    report.text = found.text("given back as %s, allocated as %s", {bytes, "byte"},
                             {entry->size, "byte"});
    found.add(report);
  }
  found.tell_all();
  return size;
}

std::size_t ledger::report_live(finding kind, const source_place& where) {
  struct site_sum {
    block_entry first;
    std::size_t blocks;
    std::size_t bytes;
  };
  pages<site_sum> sums;
  std::size_t live = 0;
  {
    const std::lock_guard lock{mutex_};
    live = live_blocks_;
    blocks_.each([&](const block_entry& entry) {
      if (entry.state != block_state::live) return;
      const auto same = std::find_if(sums.begin(), sums.end(), [&](const site_sum& sum) {
        return sum.first.allocated.file == entry.allocated.file &&
               sum.first.allocated.line == entry.allocated.line;
      });
      if (same == sums.end()) {
        sums.push_back({entry, 1, entry.size});
      } else {
        ++same->blocks;
        same->bytes += entry.size;
      }
    });
  }
  for (const site_sum& sum : sums) {
    pending_findings found;
    finding_report report = make(kind, where, sum.first);
    report.size = sum.bytes;
    report.text =
        found.text("%s, %s in all", {sum.blocks, "live block"}, {sum.bytes, "byte"});
    found.add(report);
    found.tell_all();
  }
  return live;
}

bool ledger::find_concerned(const void* address, block_entry& block) const {
  if (find_live(address, block)) return true;
  const std::lock_guard lock{mutex_};
  const block_entry* entry = blocks_.find(address);
  if (entry == nullptr) return false;
  block = *entry;
  return true;
}

void ledger::report(finding kind, const source_place& where, const char* text,
                    const void* address, std::size_t size) const {
  finding_report report = make(kind, where);
  report.text = text;
  report.address = address;
  report.size = size;
  block_entry block;
  const bool is_known = address != nullptr && (kind == finding::foreign_return
                                                   ? find_owner(address, this, block)
                                                   : find_concerned(address, block));
  if (is_known) {
    report.block = block.begin;
    report.block_size = block.size;
    report.block_number = block.number;
    report.allocated = block.allocated;
    report.released = block.released;
  }
  tell(report);
}

}  // namespace memoir::records

#include "alloc/ledger.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>

#include "alloc/ledgers.h"
#include "alloc/redzones.h"
#include "memoir/track.h"

namespace memoir::records {
namespace {

std::atomic<std::uint64_t> g_next_number{1};

}  // namespace

ledger::ledger(const char* kind, watch_style style, const source_place& created,
               std::uint32_t parent)
    : kind_{kind},
      style_{style},
      created_{created},
      id_{memoir_pool_create(kind, nullptr, parent)} {
  add_ledger(this);
}

ledger::~ledger() {
  remove_ledger(this);
  verify(created_);
  // The memory goes back to whom it came from.
  for (const backing& memory : backing_) {
    shadow_.allow(memory.begin, bytes_between(memory.begin, memory.end));
  }
  memoir_pool_destroy(id_);
}

void drop_ledger(ledger* book) noexcept { delete book; }

void ledger::set_name(const char* name, std::size_t length) {
  const std::lock_guard lock{mutex_};
  length = std::min(length, sizeof name_ - 1);
  std::memcpy(name_, name, length);
  name_[length] = '\0';
  memoir_pool_name(id_, name_);
}

void ledger::add_backing(void* memory, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  auto* begin = static_cast<std::byte*>(memory);
  const auto place = std::upper_bound(
      backing_.begin(), backing_.end(), begin,
      [](const std::byte* wanted, const backing& one) { return wanted < one.begin; });
  backing_.insert(place, {begin, begin + bytes, begin});
  memoir_pool_backing(id_, memory);
  shadow_.forbid(memory, bytes);
}

void ledger::remove_backing(void* memory) {
  const std::lock_guard lock{mutex_};
  const backing* one = backing_of(memory);
  if (one == nullptr || one->begin != memory) return;
  shadow_.allow(one->begin, bytes_between(one->begin, one->end));
  backing_.erase(backing_.begin() + (one - backing_.data()));
}

const ledger::backing* ledger::backing_of(const void* address) const {
  const auto next = std::upper_bound(
      backing_.begin(), backing_.end(), address,
      [](const void* wanted, const backing& one) { return wanted < one.begin; });
  if (next == backing_.begin()) return nullptr;
  const backing& one = *std::prev(next);
  return address < one.end ? &one : nullptr;
}

std::byte* ledger::claim_backing(std::byte* begin, std::byte* end) {
  auto* memory = const_cast<backing*>(backing_of(begin));
  if (memory == nullptr) return begin;
  std::byte* const used = memory->touched;
  if (end > used) {
    if (begin > used) {
      shadow_.allow(used, bytes_between(used, begin));
      std::memset(used, kReleasedFill, bytes_between(used, begin));
      shadow_.forbid(used, bytes_between(used, begin));
    }
    memory->touched = end;
  }
  return std::clamp(used, begin, end);
}

void ledger::prepare(const block_entry& entry, pending_findings& found) {
  std::byte* const used = claim_backing(entry.extent_begin(), entry.extent_end());
  shadow_.allow(entry.extent_begin(),
                bytes_between(entry.extent_begin(), entry.extent_end()));
  if (entry.content == block_content::uninitialized) {
    check_released(entry.extent_begin(), used, entry.allocated, found);
    std::memset(entry.begin, kFreshFill, entry.size);
  }
  write_canaries(entry.extent_begin(), entry.begin);
  write_canaries(entry.end(), entry.extent_end());
  shadow_.forbid(entry.extent_begin(), entry.before);
  shadow_.forbid(entry.end(), entry.after);
}

std::uint64_t ledger::allocated(const block_entry& block) {
  pending_findings found;
  block_entry entry = block;
  {
    const std::lock_guard lock{mutex_};
    if (entry.content != block_content::untouched) prepare(entry, found);
    entry.number = g_next_number++;
    entry.state = block_state::live;
    const block_entry* before = blocks_.find(entry.begin);
    if (before != nullptr && before->state == block_state::live) {
      --live_blocks_;  // untouched memory that has two owners
      endings_.fetch_add(1, std::memory_order_release);
      live_bytes_ -= before->size;
    }
    blocks_.put(entry);
    ++live_blocks_;
    live_bytes_ += entry.size;
  }
  memoir_pool_alloc(id_, entry.begin, entry.size);
  found.tell_all();
  return entry.number;
}

void ledger::give_up(const block_entry& block) {
  shadow_.allow(block.extent_begin(),
                bytes_between(block.extent_begin(), block.extent_end()));
  const bool kept = backing_of(block.begin) != nullptr;
  if (kept) {
    std::memset(block.extent_begin(), kReleasedFill,
                bytes_between(block.extent_begin(), block.extent_end()));
    const std::size_t links = std::min(link_bytes_, block.size);
    shadow_.forbid(block.extent_begin(), block.before);
    shadow_.forbid(block.begin + links, block.size - links + block.after);
  } else {
    std::memset(block.begin, kReleasedFill, block.size);
  }
}

void ledger::take_back(block_entry& block, block_state state, const source_place& where) {
  memoir_pool_free(id_, block.begin);
  if (block.content != block_content::untouched) give_up(block);
  block.state = state;
  endings_.fetch_add(1, std::memory_order_release);
  block.released = where;
  --live_blocks_;
  live_bytes_ -= block.size;
}

bool ledger::released(void* block, std::uint64_t number, const source_place& where) {
  pending_findings found;
  bool ours = false;
  {
    const std::lock_guard lock{mutex_};
    block_entry* entry = blocks_.find(block);
    ours = entry != nullptr && entry->state == block_state::live &&
           (number == 0 || entry->number == number);
    if (ours) {
      check_redzones(*entry, where, found);
      take_back(*entry, block_state::released, where);
    }
  }
  if (!ours) found.add(not_live(block, number, where));
  found.tell_all();
  return ours;
}

void ledger::resized(void* block, std::size_t size, std::size_t after,
                     const source_place& where) {
  pending_findings found;
  {
    const std::lock_guard lock{mutex_};
    block_entry* entry = blocks_.find(block);
    if (entry == nullptr || entry->state != block_state::live) return;
    // The redzone behind it moves: what was done to it is found now or never.
    check_redzones(*entry, where, found);
    live_bytes_ += size - entry->size;
    entry->size = size;
    entry->after = after;
    if (entry->content != block_content::untouched) {
      claim_backing(entry->extent_begin(), entry->extent_end());
      shadow_.allow(entry->begin, size + after);
      write_canaries(entry->end(), entry->extent_end());
      shadow_.forbid(entry->end(), after);
    }
  }
  found.tell_all();
}

std::size_t ledger::room(const void* block) const {
  const std::lock_guard lock{mutex_};
  const block_entry* entry = blocks_.find(block);
  return entry != nullptr ? entry->size + entry->after : 0;
}

std::size_t ledger::reset(const source_place& where) {
  pending_findings found;
  std::size_t live = 0;
  {
    const std::lock_guard lock{mutex_};
    blocks_.each([&](block_entry& entry) {
      reset_at_ = std::max(reset_at_, entry.number);
      if (entry.state != block_state::live) return;
      ++live;
      check_redzones(entry, where, found);
      take_back(entry, block_state::reset, where);
    });
  }
  memoir_pool_reset(id_);
  found.tell_all();
  return live;
}

bool ledger::check(const void* block, std::uint64_t number,
                   const source_place& where) const {
  finding_report report;
  {
    const std::lock_guard lock{mutex_};
    const block_entry* entry = blocks_.find(block);
    if (entry != nullptr && entry->number == number) {
      if (entry->state == block_state::live) return true;
      report = make(used_after_release(*entry), where, *entry);
    } else {
      report = make(
          number <= reset_at_ ? finding::use_after_reset : finding::stale_handle, where);
      report.block = block;
      if (entry != nullptr && entry->state == block_state::live) {
        report = make(finding::stale_handle, where, *entry);
        report.text = "the block was handed out again since";
      }
    }
    report.address = block;
  }
  tell(report);
  return false;
}

bool ledger::is_live(const void* block, std::uint64_t number) const {
  const std::lock_guard lock{mutex_};
  const block_entry* entry = blocks_.find(block);
  return entry != nullptr && entry->state == block_state::live &&
         (number == 0 || entry->number == number);
}

std::size_t ledger::live_blocks() const {
  const std::lock_guard lock{mutex_};
  return live_blocks_;
}

std::size_t ledger::live_bytes() const {
  const std::lock_guard lock{mutex_};
  return live_bytes_;
}

bool ledger::find_live(const void* address, block_entry& block) const {
  const std::lock_guard lock{mutex_};
  bool found = false;
  blocks_.each([&](const block_entry& entry) {
    if (entry.state == block_state::live && entry.begin <= address &&
        (address < entry.end() || address == entry.begin)) {
      block = entry;
      found = true;
    }
  });
  return found;
}

}  // namespace memoir::records

#define MEMOIR_TRACKING 1

#include "memoir/detail/pool_watch.h"

#include <bit>

#include "alloc/ledger.h"
#include "memoir/track.h"

namespace memoir {
inline namespace tracked {
namespace detail {

pool_watch::pool_watch(const char* kind, watch_style style, site where,
                       const pool_watch* parent)
    : ledger_{new records::ledger(kind, style, where,
                                  parent != nullptr ? parent->id() : 0)},
      endings_{&ledger_->endings()} {}

std::uint32_t pool_watch::id() const { return ledger_->id(); }

void pool_watch::set_name(std::string_view name) {
  ledger_->set_name(name.data(), name.size());
}

void pool_watch::add_backing(void* memory, std::size_t bytes) {
  ledger_->add_backing(memory, bytes);
}

void pool_watch::remove_backing(void* memory) { ledger_->remove_backing(memory); }

void pool_watch::claim(const void* memory) { memoir_pool_backing(id(), memory); }

void pool_watch::set_link_bytes(std::size_t bytes) { ledger_->set_link_bytes(bytes); }

block_number pool_watch::allocated(void* block, std::size_t size, std::size_t before,
                                   std::size_t after, std::size_t alignment, site where,
                                   block_content content) {
  records::block_entry entry;
  entry.begin = static_cast<std::byte*>(block);
  entry.size = size;
  entry.before = before;
  entry.after = after;
  entry.alignment_log2 =
      static_cast<std::uint8_t>(std::countr_zero(alignment | std::size_t{1} << 63));
  entry.content = content;
  entry.allocated = where;
  return {ledger_->allocated(entry)};
}

bool pool_watch::released(void* block, site where) {
  return ledger_->released(block, 0, where);
}

bool pool_watch::released(void* block, block_number number, site where) {
  return ledger_->released(block, number.value, where);
}

std::size_t pool_watch::check_size(const void* block, std::size_t bytes,
                                   site where) const {
  return ledger_->check_size(block, bytes, where);
}

void pool_watch::resized(void* block, std::size_t size, std::size_t after, site where) {
  ledger_->resized(block, size, after, where);
}

std::size_t pool_watch::room(const void* block) const { return ledger_->room(block); }

std::size_t pool_watch::reset(site where) { return ledger_->reset(where); }

bool pool_watch::check(const void* block, block_number number, site where) const {
  return ledger_->check(block, number.value, where);
}

bool pool_watch::is_live(const void* block, block_number number) const {
  return ledger_->is_live(block, number.value);
}

std::size_t pool_watch::verify(site where) { return ledger_->verify(where); }

bool pool_watch::check_idle(void* block, std::size_t size, site where) {
  return ledger_->check_idle(block, size, where);
}

std::size_t pool_watch::report_live(finding kind, site where) {
  return ledger_->report_live(kind, where);
}

std::size_t pool_watch::describe_live(char* text, std::size_t size) const {
  return ledger_->describe_live(text, size);
}

std::size_t pool_watch::live_blocks() const { return ledger_->live_blocks(); }
std::size_t pool_watch::live_bytes() const { return ledger_->live_bytes(); }

void pool_watch::report(finding kind, site where, const char* text, const void* address,
                        std::size_t size) const {
  ledger_->report(kind, where, text, address, size);
}

void pool_watch::tell(pool_event kind, site where, const void* block, std::size_t size,
                      std::uint64_t amount, const char* detail,
                      std::uint64_t count) const {
  memoir_pool_event event = {};
  event.pool = id();
  if (event.pool == 0) return;
  event.bytes = sizeof event;
  event.kind = static_cast<std::uint32_t>(kind);
  event.count = count;
  event.block = block;
  event.size = size;
  event.amount = amount;
  event.detail = *detail != '\0' ? detail : nullptr;
  event.where = {where.file, where.function, where.line};
  memoir_pool_tell(&event);
}

}  // namespace detail
}  // namespace tracked
}  // namespace memoir

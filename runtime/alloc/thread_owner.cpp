#define MEMOIR_TRACKING 1

#include "memoir/detail/thread_owner.h"

#include "alloc/ledgers.h"

namespace memoir {

namespace records {

source_place& thread_place() noexcept {
  thread_local constinit source_place place;
  return place;
}

}  // namespace records

inline namespace tracked {
namespace detail {
namespace {

std::uint64_t this_thread() {
  static std::atomic<std::uint64_t> next{1};
  thread_local const std::uint64_t number = next++;
  return number;
}

// Findings on an access to memory, whose block is worth knowing. Others have addresses of
// objects, or of blocks that are gone.
bool concerns_live_memory(finding kind) {
  return kind == finding::out_of_bounds || kind == finding::capacity_exceeded ||
         kind == finding::alloc_dealloc_mismatch || kind == finding::uninitialized_use ||
         kind == finding::wrong_location;
}

}  // namespace

bool thread_owner::used(const char* kind, const void* object, site where) const {
  const std::uint64_t me = this_thread();
  std::uint64_t owner = 0;
  if (owner_.compare_exchange_strong(owner, me, std::memory_order_acq_rel)) return true;
  if (owner == me) return true;
  if (told_.exchange(me) != me) {
    report(finding::unsynchronized_use, kind, where,
           "another thread uses it, and nobody handed it over", object);
  }
  return false;
}

void report(finding kind, const char* type, site where, const char* text,
            const void* address, std::size_t size) {
  finding_report told;
  told.kind = kind;
  told.pool_kind = type;
  told.where = where;
  told.address = address;
  told.size = size;
  told.text = text;
  if (records::block_entry block; address != nullptr && concerns_live_memory(kind) &&
                                  records::find_live_block(address, block)) {
    told.block = block.begin;
    told.block_size = block.size;
    told.block_number = block.number;
    told.allocated = block.allocated;
  }
  records::tell(told);
}

}  // namespace detail
}  // namespace tracked

}  // namespace memoir

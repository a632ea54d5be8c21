#pragma once

// pool_watch where tracking is on: a face on a ledger, which memoir::alloc has.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "memoir/detail/pool_event.h"
#include "memoir/detail/watch_style.h"
#include "memoir/finding.h"
#include "memoir/site.h"

namespace memoir::records {

class ledger;  // every block of one pool: runtime/alloc/ledger.h
void drop_ledger(ledger* book) noexcept;
struct ledger_dropper {
  void operator()(ledger* book) const noexcept { drop_ledger(book); }
};

}  // namespace memoir::records

MEMOIR_BEGIN
namespace detail {

using records::block_content;
using records::pool_event;
using records::watch_style;

// Which allocation of the process a block was: never the same twice, 0 for none. Handles
// keep it, so that one which outlived its block is told from its successor.
struct block_number {
  std::uint64_t value = 0;
};

// Thread safety: all functions from any thread, but the making, moving and ending.
class pool_watch {
 public:
  static constexpr bool enabled = true;
  static constexpr std::size_t redzone = 16;

  // Bytes to leave in front of a block, so that it stays aligned (a power of two), and at
  // least so many behind it.
  static constexpr std::size_t space_before(std::size_t alignment) {
    return alignment > redzone ? alignment : redzone;
  }
  static constexpr std::size_t space_after() { return redzone; }

  // `kind` is a literal, the type's name: "block_pool". `parent`: whose blocks this one
  // hands on, or null.
  pool_watch(const char* kind, watch_style style, site where,
             const pool_watch* parent = nullptr);
  // A watch that was moved from may only be assigned to or destroyed.
  pool_watch(pool_watch&&) noexcept = default;
  pool_watch& operator=(pool_watch&&) noexcept = default;
  // Verifies what is left, then ends the pool in the trace. Live blocks are nobody's
  // fault until report_live() says so.
  ~pool_watch() = default;

  // Its number in the trace; 0 where the program does not run under Memoir.
  std::uint32_t id() const;
  // What reports and traces call it; copied.
  void set_name(std::string_view name);

  // Memory the pool got for its blocks: it is counted as the pool's, not as a block (nor
  // as a leak) of its own, until remove_backing(). From the first block that it is used
  // for, what nobody has of it is filled, and verified when it is handed out again; so
  // the pool may write nothing into it itself, but for the link bytes. Blocks may also
  // lie outside all backing, in memory of their own; that is not looked at after
  // released().
  void add_backing(void* memory, std::size_t bytes);
  void remove_backing(void* memory);

  // Memory of malloc's that holds one block, outside all backing: it is counted as the
  // pool's, too, and ends with free().
  void claim(const void* memory);

  // The first so many bytes of a block that was taken back are the pool's, for a free
  // list. Before the first block is handed out.
  void set_link_bytes(std::size_t bytes);

  // A block was handed out. `before` and `after` bytes around it are its redzones.
  // Reports what was written into it while nobody had it.
  block_number allocated(void* block, std::size_t size, std::size_t before,
                         std::size_t after, std::size_t alignment, site where,
                         block_content content = block_content::uninitialized);
  // With the usual redzones.
  block_number allocated(void* block, std::size_t size, std::size_t alignment, site where,
                         block_content content = block_content::uninitialized) {
    return allocated(block, size, space_before(alignment), space_after(), alignment,
                     where, content);
  }

  // A block is to be taken back. False: it is no live block of this pool, which was
  // reported (invalid_free, foreign_return, and by style double_free or double_return),
  // and must not be put back. Verifies its redzones, then fills it.
  bool released(void* block, site where);
  // The same for what a handle holds: also false where the block is another one by now.
  bool released(void* block, block_number number, site where);

  // A block is about to be given back as one of so many bytes: reports
  // (alloc_dealloc_mismatch) where it is live and has another size. Its size, where it
  // is known, otherwise `bytes`.
  std::size_t check_size(const void* block, std::size_t bytes, site where) const;

  // The block was given other bytes in place: a vector that grew, a realloc that stayed.
  void resized(void* block, std::size_t size, std::size_t after, site where);

  // From the begin of a block, live or taken back, to the end of the redzone behind it; 0
  // where nothing is known of it.
  std::size_t room(const void* block) const;

  // All blocks are taken back at once. How many there were.
  std::size_t reset(site where);

  // Whether this is still the live block that a handle got; otherwise reports what it is
  // now: use_after_free, use_after_return, use_after_reset or stale_handle.
  bool check(const void* block, block_number number, site where) const;

  // Counts the ends of the pool's blocks. What check() said holds until it changes.
  std::uint64_t endings() const { return endings_->load(std::memory_order_acquire); }

  // The same question without a report; block_number{}: whatever block is there.
  bool is_live(const void* block, block_number number) const;

  // Looks at all redzones and at all memory nobody has. How many findings there were.
  std::size_t verify(site where);

  // For a block that lies outside all backing and was taken back some time ago: whether
  // nothing was written into it since. Otherwise that is reported. Before its memory goes
  // back to where it came from.
  bool check_idle(void* block, std::size_t size, site where);

  // The pool is about to end: reports the blocks that are still handed out, as one
  // finding of this kind (leak or pool_destroyed_with_live_blocks) for each site that
  // allocated them. How many blocks.
  std::size_t report_live(finding kind, site where);
  // Who has blocks: "2 at file.cpp:10, 1 at file.cpp:12", cut to `size` with its zero.
  // The length of the text.
  std::size_t describe_live(char* text, std::size_t size) const;
  std::size_t live_blocks() const;
  std::size_t live_bytes() const;

  // Reports anything else that concerns this pool. What is known of the block is filled
  // in.
  void report(finding kind, site where, const char* text = "",
              const void* address = nullptr, std::size_t size = 0) const;

  // Something else happened, so often: recorded where the program runs under Memoir.
  // `detail`: a few words, the same for all alike.
  void tell(pool_event kind, site where, const void* block = nullptr,
            std::size_t size = 0, std::uint64_t amount = 0, const char* detail = "",
            std::uint64_t count = 1) const;

 private:
  std::unique_ptr<records::ledger, records::ledger_dropper> ledger_;
  const std::atomic<std::uint64_t>* endings_;  // the ledger's
};

}  // namespace detail
MEMOIR_END

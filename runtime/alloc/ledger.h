#pragma once

// Every block of one pool: the live ones, and those that were handed out before as long
// as their memory was not handed out again. All that detail::pool_watch promises is kept
// here.
//
// Invariant, for each piece of backing memory: below its high-water mark, whatever lies
// neither in a live block nor in its redzones holds kReleasedFill, but for the link bytes
// of blocks that were taken back. What is above the mark was never handed out.
//
// Thread safety: one lock for each ledger. Findings are told after it is given up,
// because a listener may use the pool.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "alloc/annotations.h"
#include "alloc/block_table.h"
#include "alloc/page_allocator.h"
#include "alloc/pending_findings.h"
#include "memoir/detail/watch_style.h"
#include "memoir/finding.h"

namespace memoir::records {

inline constexpr unsigned char kFreshFill = 0xcd;
inline constexpr unsigned char kReleasedFill = 0xdd;

class ledger {
 public:
  ledger(const char* kind, watch_style style, const source_place& created,
         std::uint32_t parent);
  ~ledger();
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  // Ledgers lie in pages of their own.
  static void* operator new(std::size_t bytes) { return map_pages(bytes); }
  static void operator delete(void* memory, std::size_t bytes) {
    unmap_pages(memory, bytes);
  }

  // Counts the ends of blocks: what was live and is asked about in the same count still
  // is.
  const std::atomic<std::uint64_t>& endings() const { return endings_; }

  std::uint32_t id() const { return id_; }
  const char* kind() const { return kind_; }
  void set_name(const char* name, std::size_t length);
  void set_link_bytes(std::size_t bytes) { link_bytes_ = bytes; }
  void add_backing(void* memory, std::size_t bytes);
  void remove_backing(void* memory);

  std::uint64_t allocated(const block_entry& block);
  // number 0: whatever block is there.
  bool released(void* block, std::uint64_t number, const source_place& where);
  std::size_t check_size(const void* block, std::size_t bytes,
                         const source_place& where) const;
  void resized(void* block, std::size_t size, std::size_t after,
               const source_place& where);
  std::size_t room(const void* block) const;
  std::size_t reset(const source_place& where);
  bool check(const void* block, std::uint64_t number, const source_place& where) const;
  bool is_live(const void* block, std::uint64_t number) const;
  std::size_t verify(const source_place& where);
  bool check_idle(void* block, std::size_t size, const source_place& where);
  std::size_t report_live(finding kind, const source_place& where);
  // ledger_holders.cpp
  std::size_t describe_live(char* text, std::size_t size) const;
  std::size_t live_blocks() const;
  std::size_t live_bytes() const;
  void report(finding kind, const source_place& where, const char* text,
              const void* address, std::size_t size) const;

  // Around a fork, in the parent; the second one in the child, too.
  void lock_for_fork() const { mutex_.lock(); }
  void unlock_after_fork() const { mutex_.unlock(); }

  // Whether the address lies in a live block of this pool; which one.
  bool find_live(const void* address, block_entry& block) const;

 private:
  struct backing {
    std::byte* begin;
    std::byte* end;
    std::byte* touched;
  };
  template <class T>
  using pages = std::vector<T, page_allocator<T>>;
  finding_report make(finding kind, const source_place& where) const;
  finding_report make(finding kind, const source_place& where,
                      const block_entry& block) const;
  finding used_after_release(const block_entry& block) const;
  finding_report not_live(void* block, std::uint64_t number,
                          const source_place& where) const;
  void check_redzones(const block_entry& block, const source_place& where,
                      pending_findings& found) const;
  void check_released(std::byte* begin, std::byte* end, const source_place& where,
                      pending_findings& found) const;
  // Fills and fences a block that is handed out, or taken back.
  void prepare(const block_entry& block, pending_findings& found);
  void give_up(const block_entry& block);
  void take_back(block_entry& block, block_state state, const source_place& where);
  // The end of what was used before of the backing that holds these bytes, which are
  // marked as used; `begin` where none does.
  std::byte* claim_backing(std::byte* begin, std::byte* end);
  const backing* backing_of(const void* address) const;
  // The live block that holds the address, or the one that began there.
  bool find_concerned(const void* address, block_entry& block) const;
  const block_entry* last_owner(const std::byte* address) const;

  const char* const kind_;
  const watch_style style_;
  const source_place created_;
  std::uint32_t id_ = 0;
  char name_[64] = {};
  std::size_t link_bytes_ = 0;
  mutable std::mutex mutex_;
  block_table blocks_;
  pages<backing> backing_;  // by address
  annotations shadow_;
  std::size_t live_blocks_ = 0;
  std::size_t live_bytes_ = 0;
  std::atomic<std::uint64_t> endings_{1};
  std::uint64_t reset_at_ = 0;  // blocks up to this number were reset
};

}  // namespace memoir::records

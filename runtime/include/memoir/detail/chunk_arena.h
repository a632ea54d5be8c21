#pragma once

// The engine of all arenas: blocks are cut from the end of a chunk, chunks come from an
// upstream resource and are chained; nothing that was handed out ever moves. Blocks go in
// the reverse order of their coming (drop), or all at once (reset); one that is dropped
// out of order waits until those above it are gone.
//
// Allocation, the drop of the newest block and the reset of one chunk take constant time,
// and no call where tracking is off: one comparison with a gate each, which is shut where
// there is more to do. There a block takes as many bytes as it has, and its padding.
// Where it is on, every block lies between redzones, in chunks that are larger than they
// say, with further ones where that is not enough; room, growth and capacity are counted
// as if it were off, so that both builds fill up and grow alike.
//
// Errors: no result where a fixed arena is full; what upstream throws, with nothing
// changed. Thread safety: none of its own.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <vector>

#include "memoir/detail/arena_chunk.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/resource.h"

MEMOIR_BEGIN
namespace detail {

struct chunk_arena_options {
  std::size_t capacity = 0;    // bytes of the first chunk; 0: it is made when needed
  std::size_t alignment = 16;  // of the chunks, and of every block that may be dropped
  bool extendable = true;
  std::size_t smallest_growth = 1024;
  bool zeroed = false;  // so are all blocks
};

struct arena_block {
  void* data = nullptr;  // null: a fixed arena is full
  [[no_unique_address]] block_number number;
  explicit operator bool() const { return data != nullptr; }
};

class chunk_arena {
 public:
  chunk_arena(const char* kind, const chunk_arena_options& options,
              std::pmr::memory_resource* upstream, site where)
      : watch_{kind, watch_style::arena, where}, options_{options}, upstream_{upstream} {
    if (options.capacity != 0)
      use(make_chunk(options.capacity, options.alignment, where));
  }
  ~chunk_arena() { free_all(site::of_thread()); }
  chunk_arena(const chunk_arena&) = delete;
  chunk_arena& operator=(const chunk_arena&) = delete;

  // An empty block takes the room of its alignment, so that no two share an address.
  // `alignment` is a power of two.
  arena_block allocate(std::size_t bytes, std::size_t alignment, site where) {
    const std::size_t room = bytes != 0 ? bytes : alignment;
    if constexpr (!is_tracking) {
      std::byte* const block = aligned(cursor_, alignment);
      // One comparison, since the padding may lead beyond the end.
      if (room <= kMost && static_cast<std::ptrdiff_t>(room) <= limit_ - block)
          [[likely]] {
        if (block == nullptr) __builtin_unreachable();
        cursor_ = block + room;
        return {block, {}};
      }
    }
    return allocate_slowly(bytes, room, alignment, where);
  }

  // For arenas whose blocks all have the alignment of the options, where tracking is off:
  // so many bytes, at most kMostCut, behind the newest block; null where that takes
  // more than a comparison, for 0, and where `unless` is all ones.
  static constexpr std::size_t kMostCut = std::size_t{1} << 45;
  void* cut(std::size_t bytes, std::size_t unless = 0) {
    std::byte* const block = cursor_;
    if (((bytes - 1) | unless) >= static_cast<std::size_t>(limit_ - block))
      return nullptr;
    if (block == nullptr) __builtin_unreachable();
    cursor_ = block + bytes;
    return block;
  }
  // And takes the newest block back. False: it is another one, or that takes more.
  bool uncut(void* block, std::size_t bytes) {
    auto* const begin = static_cast<std::byte*>(block);
    if (begin + bytes != cursor_ || begin <= lowest_) return false;
    raise_high();
    cursor_ = begin;
    return true;
  }
  // While it is shut, cut() and uncut() do nothing, and allocate() takes its time.
  void shut(bool on) {
    shut_ = on;
    set_gates();
  }

  // Whether it is the newest block. The drops are for arenas whose blocks all have the
  // alignment of the options; `bytes` as it was allocated.
  bool is_top(const void* block, std::size_t bytes) const {
    return extent_end(block, bytes) == cursor_;
  }
  // Whether the address lies in what is handed out; a block's end counts.
  bool holds(const void* address) const {
    for (arena_chunk* one = current_; one != nullptr; one = one->before) {
      if (one->holds(address))
        return address <= (one == current_ ? cursor_ : one->cursor);
    }
    return false;
  }

  // Blocks in the order of their coming, compared.
  bool is_newer(const void* block, const void* than) const {
    const std::size_t one = chunk_of(block)->place;
    const std::size_t other = chunk_of(than)->place;
    return one != other ? one > other : block > than;
  }
  // Whether `lower` is the newest block when `upper` is gone. Both are handed out.
  bool is_next_below(const void* upper, const void* lower, std::size_t bytes) const {
    arena_chunk* chunk = chunk_of(upper);
    const std::byte* top = extent_begin(const_cast<void*>(upper));
    while (top == chunk->begin() && chunk->before != nullptr) {
      chunk = chunk->before;
      top = chunk->cursor;
    }
    return extent_end(lower, bytes) == top;
  }

  // Takes the newest block back, and those below that waited for it. The watch was told.
  void drop_top(void* block, std::size_t bytes) {
    rewind_to(extent_begin(block), slot_of(bytes));
    settle();
  }

  // Takes back one that is not the newest, when it will be. It is in what is handed out.
  // Logarithmic in what waits already.
  void drop_later(void* block, std::size_t bytes) {
    const arena_chunk* chunk = chunk_of(block);
    waiting_.push_back(
        {chunk->place, extent_begin(block), extent_end(block, bytes), slot_of(bytes)});
    std::push_heap(waiting_.begin(), waiting_.end());
    set_gates();
  }

  // So many calls of drop_later() throw nothing.
  void reserve_waiting(std::size_t count) {
    const std::size_t needed = waiting_.size() + count;
    if (needed > waiting_.capacity()) {
      waiting_.reserve(std::max(needed, 2 * waiting_.capacity()));
    }
  }

  // Makes all blocks invalid and keeps the memory. How many blocks there were, where
  // tracking is on.
  std::size_t reset(site where) {
    if constexpr (!is_tracking) {
      if (lowest_ == nullptr) [[likely]] {
        raise_high();
        cursor_ = start_;
        ++generation_;
        return 0;
      }
    }
    return reset_slowly(where);
  }

  // Room for one block of so many bytes without growth.
  void reserve(std::size_t bytes, std::size_t alignment, site where) {
    if (fits(bytes, alignment)) return;
    for (arena_chunk* one = spare(); one != nullptr; one = one->after) {
      if (one->room >= bytes) return;
    }
    keep_spare(make_chunk(bytes, alignment, where));
  }

  // Gives upstream what lies behind the chunk in use, the newest first. Bytes.
  std::size_t trim(site where = site::of_thread()) {
    arena_chunk* one = spare();
    while (one != nullptr && one->after != nullptr) one = one->after;
    std::size_t given = 0;
    std::uint64_t count = 0;
    while (one != nullptr && one != current_) {
      arena_chunk* const before = one->before;
      given += one->bytes;
      ++count;
      free_chunk(one);
      one = before;
    }
    (current_ != nullptr ? current_->after : first_) = nullptr;
    if (given != 0) watch_.tell(pool_event::trim, where, nullptr, given, count);
    return given;
  }

  // Takes all back and gives all to upstream; may be used on.
  void free_all(site where) {
    watch_.verify(where);
    watch_.reset(where);
    rewind_all();
    current_ = nullptr;
    trim();
    cursor_ = end_ = floor_ = high_ = start_ = nullptr;
    waiting_.clear();
    waiting_.shrink_to_fit();
    set_gates();
  }

  // Bytes that blocks may have altogether before the next growth, if they fit its chunks.
  std::size_t capacity() const { return capacity_; }
  // Bytes from the beginning of every chunk in use to its last block.
  std::size_t position() const {
    std::size_t sum = 0;
    for (arena_chunk* one = current_; one != nullptr; one = one->before) {
      sum += used_of(one);
    }
    return sum;
  }
  // The most that position() ever was: a first chunk of so many bytes never grows.
  std::size_t peak() const { return std::max(peak_, peak_now()); }
  // The room of the largest chunk.
  std::size_t largest() const {
    std::size_t most = 0;
    for (arena_chunk* one = first_; one != nullptr; one = one->after) {
      most = std::max(most, one->room);
    }
    return most;
  }
  // The largest block without growth, in the chunk in use.
  std::size_t left() const { return current_ == nullptr ? 0 : left_of(room_chunk()); }
  // Chunks made because a block did not fit.
  std::size_t growths() const { return growths_; }
  bool extendable() const { return options_.extendable; }
  void set_extendable(bool on, site where) {
    options_.extendable = on;
    watch_.tell(pool_event::policy, where, nullptr, 0, on ? 1 : 0,
                on ? "it may grow" : "it may not grow");
  }
  bool has_waiting() const { return !waiting_.empty(); }
  std::size_t chunk_count() const { return chunks_; }
  // Counts resets, from 0.
  std::uint64_t generation() const { return generation_; }
  std::pmr::memory_resource* upstream() const { return upstream_; }
  // Whether the next block would begin in memory that another one had before a reset.
  bool is_used_memory() const {
    return current_ != nullptr && used_of(room_chunk()) < room_chunk()->ever_used;
  }
  pool_watch& watch() { return watch_; }
  const pool_watch& watch() const { return watch_; }

 private:
  // A block that was dropped below others.
  struct waiting_block {
    std::size_t chunk;
    std::byte* begin;
    std::byte* end;
    std::size_t room;
    bool operator<(const waiting_block& other) const {
      return chunk != other.chunk ? chunk < other.chunk : begin < other.begin;
    }
  };

  // Of an address that is handed out.
  arena_chunk* chunk_of(const void* address) const {
    arena_chunk* chunk = current_;
    while (!chunk->holds(address)) chunk = chunk->before;
    return chunk;
  }
  std::size_t slot_of(std::size_t bytes) const {
    return bytes != 0 ? bytes : options_.alignment;
  }
  // Where tracking is on, extents begin and end at multiples of this.
  std::size_t unit() const { return std::max<std::size_t>(options_.alignment, 16); }
  std::byte* extent_begin(void* block) const {
    return static_cast<std::byte*>(block) - pool_watch::space_before(options_.alignment);
  }
  const std::byte* extent_end(const void* block, std::size_t bytes) const {
    return extent_end(const_cast<void*>(block), bytes);
  }
  std::byte* extent_end(void* block, std::size_t bytes) const {
    std::byte* const end = static_cast<std::byte*>(block) + slot_of(bytes);
    if constexpr (!is_tracking) return end;
    std::byte* const behind = end + pool_watch::space_after();
    return behind + padding_of(behind, unit());
  }

  // The chunk that counts the room of the next block: where tracking is on, chunks
  // without room of their own follow it.
  arena_chunk* room_chunk() const {
    arena_chunk* chunk = current_;
    while (chunk->room == 0 && chunk->before != nullptr) chunk = chunk->before;
    return chunk;
  }
  std::size_t used_of(arena_chunk* chunk) const {
    if constexpr (is_tracking) return chunk->used;
    const std::byte* const cursor = chunk == current_ ? cursor_ : chunk->cursor;
    return static_cast<std::size_t>(cursor - chunk->begin());
  }
  // As position(), with what the drops since note_peak() left unsaid.
  std::size_t peak_now() const {
    const std::size_t now = position();
    return high_ > cursor_ ? now + static_cast<std::size_t>(high_ - cursor_) : now;
  }
  void note_peak() { peak_ = std::max(peak_, peak_now()); }
  std::size_t left_of(arena_chunk* chunk) const { return chunk->room - used_of(chunk); }
  std::size_t padding_in(arena_chunk* chunk, std::size_t alignment) const {
    return padding_of(chunk->begin() + used_of(chunk), alignment);
  }
  bool fits(std::size_t bytes, std::size_t alignment) const {
    if (current_ == nullptr) return false;
    arena_chunk* const chunk = room_chunk();
    const std::size_t padding = padding_in(chunk, alignment);
    const std::size_t left = left_of(chunk);
    return padding <= left && bytes <= left - padding;
  }
  arena_chunk* spare() const { return current_ != nullptr ? current_->after : first_; }

  static constexpr auto kMost =
      static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());

  // A call, so that the fast path needs no registers but its own.
  [[gnu::noinline]] arena_block allocate_slowly(std::size_t bytes, std::size_t room,
                                                std::size_t alignment, site where) {
    return allocate_or_grow(bytes, room, alignment, where);
  }
  [[gnu::noinline]] std::size_t reset_slowly(site where) {
    const std::size_t live = watch_.reset(where);
    rewind_all();
    return live;
  }
  // For the peak, before the cursor goes back within a chunk.
  void raise_high() {
    if (cursor_ > high_) high_ = cursor_;
  }
  // After all that is not cut(), uncut() or the fast way of the others.
  void set_gates() {
    const bool shut = shut_ || options_.zeroed;
    limit_ = shut ? cursor_ : end_;
    lowest_ = shut || !waiting_.empty() ? reinterpret_cast<std::byte*>(~std::uintptr_t{})
                                        : floor_;
  }
  arena_block allocate_or_grow(std::size_t bytes, std::size_t room, std::size_t alignment,
                               site where);
  arena_block place_guarded(std::size_t bytes, std::size_t room, std::size_t alignment,
                            site where);
  bool grow(std::size_t bytes, std::size_t alignment, site where);
  arena_chunk* make_chunk(std::size_t room, std::size_t alignment, site where,
                          std::size_t guards = 0);
  void free_chunk(arena_chunk* chunk);
  void keep_spare(arena_chunk* chunk);
  void use(arena_chunk* chunk);
  void step_back();
  void rewind_to(std::byte* begin, std::size_t room);
  void rewind_all();
  void settle();

  [[no_unique_address]] pool_watch watch_;
  std::byte* cursor_ = nullptr;
  std::byte* limit_ = nullptr;   // a gate: end_, or cursor_ where it is shut
  std::byte* lowest_ = nullptr;  // a gate: floor_, or above all blocks where it is shut
  std::byte* high_ = nullptr;  // where the cursor was, in this chunk, before it went back
  std::byte* start_ = nullptr;  // of the chunk in use
  std::byte* end_ = nullptr;
  std::byte* floor_ = nullptr;  // where the chunk in use becomes empty, unless the first
  arena_chunk* current_ = nullptr;
  arena_chunk* first_ = nullptr;
  chunk_arena_options options_;
  std::pmr::memory_resource* upstream_;
  std::vector<waiting_block> waiting_;  // a heap: the newest in front
  std::size_t capacity_ = 0;
  std::size_t chunks_ = 0;
  std::size_t growths_ = 0;
  std::size_t peak_ = 0;
  std::uint64_t generation_ = 0;
  bool shut_ = false;
};

}  // namespace detail
MEMOIR_END

#include "memoir/detail/chunk_arena_growth.h"

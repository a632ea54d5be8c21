#pragma once

// The rest of chunk_arena.h: what happens when a chunk is full or becomes empty.

#include <cstring>

#include "memoir/detail/chunk_arena.h"

MEMOIR_BEGIN
namespace detail {

inline arena_block chunk_arena::allocate_or_grow(std::size_t bytes, std::size_t room,
                                                 std::size_t alignment, site where) {
  if (!fits(room, alignment) && !grow(room, alignment, where)) return {};
  if constexpr (is_tracking) {
    try {
      return place_guarded(bytes, room, alignment, where);
    } catch (...) {
      settle();  // a chunk that was begun for this block is empty again
      throw;
    }
  }
  std::byte* const block = cursor_ + padding_of(cursor_, alignment);
  cursor_ = block + room;
  set_gates();
  if (options_.zeroed) std::memset(block, 0, bytes);
  return {block, {}};
}

inline arena_block chunk_arena::place_guarded(std::size_t bytes, std::size_t room,
                                              std::size_t alignment, site where) {
  arena_chunk* const counting = room_chunk();
  const std::size_t before = pool_watch::space_before(alignment);
  const auto block_at = [&] {
    std::byte* const least = cursor_ + before;
    return least + padding_of(least, alignment);
  };
  const auto end_of = [&](std::byte* block) {
    std::byte* const behind = block + room + pool_watch::space_after();
    return behind + padding_of(behind, unit());
  };
  // Room is counted already: more than what the chunk has beyond it are guards.
  const std::size_t guards = 2 * before + 2 * alignment + 2 * unit();
  if (end_of(block_at()) > end_) {
    arena_chunk* next = current_->after;
    const std::size_t needed = room + guards;
    if (next == nullptr || next->room != 0 ||
        static_cast<std::size_t>(next->end() - next->begin()) < needed) {
      next = make_chunk(0, alignment, where, std::max(needed, counting->room));
      keep_spare(next);
    }
    use(next);
  }
  std::byte* const block = block_at();
  std::byte* const end = end_of(block);
  const std::size_t used = counting->used + padding_in(counting, alignment) + room;
  const block_number number =
      watch_.allocated(block, bytes, static_cast<std::size_t>(block - cursor_),
                       static_cast<std::size_t>(end - block) - bytes, alignment, where);
  counting->used = used;
  cursor_ = end;
  if (options_.zeroed) std::memset(block, 0, bytes);
  return {block, number};
}

// A spare chunk that is large enough, or a new one.
inline bool chunk_arena::grow(std::size_t bytes, std::size_t alignment, site where) {
  constexpr auto most =
      static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 4;
  const std::size_t slack = alignment > options_.alignment ? alignment : 0;
  if (bytes > most || slack > most) {
    if (!options_.extendable) return false;
    throw std::bad_alloc();
  }
  for (arena_chunk* one = spare(); one != nullptr; one = one->after) {
    if (one->room < bytes + slack) continue;
    if (one->before != nullptr) one->before->after = one->after;
    if (one->after != nullptr) one->after->before = one->before;
    if (one == first_) first_ = one->after;
    keep_spare(one);
    use(one);
    return true;
  }
  if (!options_.extendable) return false;
  arena_chunk* const made = make_chunk(
      std::max({bytes + slack, std::min(capacity_, most), options_.smallest_growth}),
      alignment, where);
  keep_spare(made);
  use(made);
  ++growths_;
  watch_.tell(pool_event::grow, where, nullptr, capacity_, capacity_ - made->room);
  return true;
}

// `guards`: bytes without room, of a chunk that is there for redzones.
inline arena_chunk* chunk_arena::make_chunk(std::size_t room, std::size_t alignment,
                                            site where, std::size_t guards) {
  const std::size_t aligned = std::max(unit(), alignof(arena_chunk));
  const std::size_t header = round_up(sizeof(arena_chunk), aligned);
  if constexpr (is_tracking) {
    if (room != 0) guards += std::max<std::size_t>(room, 1024) + 8 * alignment;
  }
  std::size_t bytes = 0;
  if (__builtin_add_overflow(room, guards, &bytes) ||
      __builtin_add_overflow(bytes, header, &bytes)) {
    throw std::bad_alloc();
  }
  auto* const chunk =
      ::new (allocate_from(*upstream_, bytes, aligned, where)) arena_chunk{};
  chunk->bytes = bytes;
  chunk->header = header;
  chunk->room = room;
  chunk->cursor = chunk->begin();
  watch_.add_backing(chunk->begin(), bytes - header);
  capacity_ += room;
  if (room != 0) ++chunks_;
  return chunk;
}

inline void chunk_arena::free_chunk(arena_chunk* chunk) {
  capacity_ -= chunk->room;
  if (chunk->room != 0) --chunks_;
  watch_.remove_backing(chunk->begin());
  upstream_->deallocate(chunk, chunk->bytes, std::max(unit(), alignof(arena_chunk)));
}

// The next one that will be used.
inline void chunk_arena::keep_spare(arena_chunk* chunk) {
  arena_chunk* const next = spare();
  chunk->before = current_;
  chunk->after = next;
  (current_ != nullptr ? current_->after : first_) = chunk;
  if (next != nullptr) next->before = chunk;
}

// Goes on in a chunk, which follows the one in use or is the only one.
inline void chunk_arena::use(arena_chunk* chunk) {
  note_peak();
  if (first_ == nullptr) first_ = chunk;
  if (current_ != nullptr) {
    current_->cursor = cursor_;
    chunk->place = current_->place + 1;
  }
  current_ = chunk;
  chunk->used = 0;
  cursor_ = high_ = start_ = chunk->begin();
  end_ = chunk->end();
  floor_ = chunk->before != nullptr ? cursor_ : nullptr;
  set_gates();
}

inline void chunk_arena::step_back() {
  note_peak();
  current_->cursor = cursor_;
  current_ = current_->before;
  cursor_ = high_ = current_->cursor;
  start_ = current_->begin();
  end_ = current_->end();
  floor_ = current_->before != nullptr ? start_ : nullptr;
}

inline void chunk_arena::rewind_to(std::byte* begin, std::size_t room) {
  note_peak();
  arena_chunk* const counting = room_chunk();
  counting->ever_used = std::max(counting->ever_used, used_of(counting));
  if constexpr (is_tracking) counting->used -= room;
  cursor_ = high_ = begin;
}

// What waited for the block above it goes, and so do chunks that became empty.
inline void chunk_arena::settle() {
  while (true) {
    while (cursor_ == floor_) step_back();
    if (waiting_.empty()) break;
    const waiting_block next = waiting_.front();
    const std::size_t place = current_->place;
    if (next.chunk < place || (next.chunk == place && next.end < cursor_)) break;
    std::pop_heap(waiting_.begin(), waiting_.end());
    waiting_.pop_back();
    if (next.chunk == place && next.end == cursor_) rewind_to(next.begin, next.room);
  }
  set_gates();
}

inline void chunk_arena::rewind_all() {
  note_peak();
  waiting_.clear();
  ++generation_;
  while (current_ != nullptr) {
    current_->ever_used = std::max(current_->ever_used, used_of(current_));
    current_->used = 0;
    cursor_ = high_ = current_->begin();
    if (current_->before == nullptr) break;
    step_back();
  }
  floor_ = nullptr;
  set_gates();
}

}  // namespace detail
MEMOIR_END

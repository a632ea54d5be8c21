#pragma once

// The functions of recycler that give idle blocks back, and tell when they are too many.

#include <algorithm>
#include <cstddef>

#include "memoir/detail/recycler.h"

MEMOIR_BEGIN
namespace detail {

// Why what lies idle is out of all proportion, or null. Told once.
inline const char* recycler::retains_too_much(const idle_block& kept) {
  constexpr std::uint64_t kLittle = 1 << 20;
  const char* why = nullptr;
  if (options_.key == recycler_key::one_size && kept.capacity / 4 > options_.block_size) {
    why = "a block of more than four times the pool's block size is kept";
  } else if (stats_.bytes_idle >= kLittle && stats_.bytes_idle / 8 > peak_in_use_bytes_) {
    why = "more than eight times of what was ever in use at once is idle";
  }
  if (why == nullptr || told_retention_) return nullptr;
  told_retention_ = true;
  return why;
}

inline void recycler::take_oldest(idle_list& list, std::size_t most, batch& victims) {
  const std::size_t count = std::min({most, list.blocks.size(), kBatch - victims.count});
  for (std::size_t i = 0; i < count; ++i) {
    victims.add(list.blocks[i]);
    stats_.bytes_idle -= list.blocks[i].capacity;
  }
  list.blocks.erase(list.blocks.begin(),
                    list.blocks.begin() + static_cast<std::ptrdiff_t>(count));
  list.idle_since_look = std::min(list.idle_since_look, list.blocks.size());
  stats_.available_buffers -= count;
  stats_.total_allocated -= count;
  stats_.freed += count;
  stats_.trimmed += count;
}

inline void recycler::look_for_surplus(batch& victims) {
  if (lists_.empty()) return;
  std::size_t place = next_look_ % lists_.size();
  for (int empty = 0; empty < 16 && lists_[place].blocks.empty(); ++empty) {
    place = (place + 1) % lists_.size();
  }
  next_look_ = place + 1;
  idle_list& list = lists_[place];
  take_oldest(list, (list.idle_since_look + 1) / 2, victims);
  list.idle_since_look = list.blocks.size();
}

inline std::size_t recycler::shrink(double keep) {
  flush_front(flushed::all, site::of_thread());
  keep = std::clamp(keep, 0.0, 1.0);
  std::size_t bytes = 0;
  std::size_t left = 0;  // that the present list is to keep
  bool begun = false;
  for (std::size_t place = 0;;) {
    batch victims;
    {
      const auto held = lock();
      for (; place < lists_.size() && !victims.full(); begun = false) {
        idle_list& list = lists_[place];
        if (!begun) {
          left = static_cast<std::size_t>(keep * static_cast<double>(list.blocks.size()));
          begun = true;
        }
        if (list.blocks.size() > left) {
          take_oldest(list, list.blocks.size() - left, victims);
        }
        if (list.blocks.size() > left) break;  // the batch is full: go on here
        ++place;
      }
    }
    if (victims.count == 0) return bytes;
    bytes += free_all(victims);
  }
}

inline std::size_t recycler::trim(std::size_t keep_bytes) {
  flush_front(flushed::all, site::of_thread());
  std::size_t bytes = 0;
  for (;;) {
    batch victims;
    {
      const auto held = lock();
      // The key that has the most idle bytes gives first.
      while (stats_.bytes_idle > keep_bytes && !victims.full()) {
        idle_list* fullest = nullptr;
        std::size_t most = 0;
        for (idle_list& list : lists_) {
          if (list.blocks.empty()) continue;
          const std::size_t idle = list.blocks.size() * list.blocks.front().capacity;
          if (idle > most) {
            most = idle;
            fullest = &list;
          }
        }
        take_oldest(*fullest, 1, victims);
      }
    }
    if (victims.count == 0) return bytes;
    bytes += free_all(victims);
  }
}

}  // namespace detail
MEMOIR_END

#pragma once

// Pairs allocations and frees by address, exactly, though they come from many rings.
//
// The runtime takes the time of a free before the block is given back, and that of an
// allocation after it was made. So the true order of what happened at one address is the
// order of times: alloc, free, alloc, free. Only the arrival may differ: a realloc frees
// its old block early and is written late. Hence:
//
// * An alloc on a live address waits, with all that follows at that address, until the
//   missing free arrives. It never invents a leak, and never hides one.
// * A free of an address that is not live is kept for a moment, in case its alloc is
// late;
//   otherwise it is of a block from before the recording.
// * A free that seems a few microseconds older than the block at its address is that
//   block's: the clocks of two processors may be a little apart.
// * What still waits when settle() is called lost its free (a program that dropped
// events):
//   the block is taken as freed when the next one was made there.
//
// Thread safety: one thread.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "collect/zeroed_array.h"

namespace memoir {

struct LiveBlock {
  std::uint64_t address = 0;  // 0: an empty place of the table
  std::uint64_t size = 0;
  // Ticks of the session: the order of ticks is exact, of ns it is not.
  std::uint64_t t = 0;
  std::uint32_t site = 0;
  std::uint32_t thread = 0;
};

// What LiveBlocks finds out, in the true order of each address.
class PairingObserver {
 public:
  virtual void on_block_made(const LiveBlock& block) = 0;
  // `t` and `thread` are those of the free.
  virtual void on_block_freed(const LiveBlock& block, std::uint64_t t,
                              std::uint32_t thread) = 0;
  virtual void on_unknown_free(std::uint64_t address) = 0;

 protected:
  ~PairingObserver() = default;
};

class LiveBlocks {
 public:
  explicit LiveBlocks(PairingObserver& observer);

  void alloc(const LiveBlock& block);
  void free(std::uint64_t address, std::uint64_t t, std::uint32_t thread);

  // The same for what needs no waiting, without a word to the observer; false, and
  // nothing is done, where it would have to wait.
  bool make_now(const LiveBlock& block) {
    if (!waiting_.empty()) return false;
    const std::size_t place = place_of(block.address);
    if (places_[place].address != 0 || block.address == 0) return false;
    places_[place] = block;
    if (++size_ > most_) grow();
    return true;
  }
  bool take_now(std::uint64_t address, std::uint64_t t, LiveBlock& taken) {
    if (!waiting_.empty() || address == 0) return false;
    const std::size_t place = place_of(address);
    if (places_[place].address == 0 || places_[place].t > t) return false;
    taken = places_[place];
    erase(place);
    return true;
  }
  // Fetches what one of these will look at.
  void prefetch(std::uint64_t address) const {
    __builtin_prefetch(&places_[home_of(address)], 1);
  }

  // Gives up waiting for what should have come before `t`.
  void settle(std::uint64_t t);

  std::size_t size() const { return size_; }
  // Calls visit(const LiveBlock&) for each live block.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const LiveBlock& place : places_) {
      if (place.address != 0) visit(place);
    }
  }
  const LiveBlock* find(std::uint64_t address) const;

 private:
  struct Waiting {
    bool is_alloc = false;
    std::uint64_t t = 0;
    std::uint32_t thread = 0;
    LiveBlock block;  // of an alloc
  };

  std::size_t home_of(std::uint64_t address) const {
    const std::uint64_t hash = (address >> 4) * 0x9e3779b97f4a7c15;
    return (hash ^ hash >> 32) & (places_.size() - 1);
  }
  // Where the address is, or where it would go.
  std::size_t place_of(std::uint64_t address) const {
    std::size_t place = home_of(address);
    while (places_[place].address != 0 && places_[place].address != address) {
      place = (place + 1) & (places_.size() - 1);
    }
    return place;
  }
  void insert(const LiveBlock& block);
  void erase(std::size_t place);
  void grow();
  void make(const LiveBlock& block);
  void take(std::size_t place, std::uint64_t t, std::uint32_t thread);
  void wait(std::uint64_t address, const Waiting& event);
  // Applies what waits at the address as far as it is complete.
  void resolve(std::uint64_t address, std::vector<Waiting>& events, bool give_up);

  PairingObserver& observer_;
  ZeroedArray<LiveBlock> places_;  // open addressing, linear probing; a power of two
  std::size_t size_ = 0;
  std::size_t most_ = 0;  // with more, the table grows
  std::unordered_map<std::uint64_t, std::vector<Waiting>> waiting_;
};

}  // namespace memoir

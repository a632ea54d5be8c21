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

#include "collect/block_table.h"

namespace memoir {

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
  bool make_now(std::uint64_t address, BlockFigures figures) {
    if (!waiting_.empty() || address == 0) return false;
    if (blocks_.find(address) != BlockTable::kNowhere) return false;
    blocks_.insert(address, figures);
    return true;
  }
  // `hint`: where it was found a moment ago.
  bool take_now(std::uint64_t address, std::uint64_t t, std::size_t hint,
                LiveBlock& taken) {
    if (!waiting_.empty() || address == 0) return false;
    const std::size_t place = blocks_.is_at(hint, address) ? hint : blocks_.find(address);
    if (place == BlockTable::kNowhere || blocks_.time_at(place) > t) return false;
    taken = blocks_.at(place);
    blocks_.erase(place);
    return true;
  }
  const BlockTable& blocks() const { return blocks_; }

  // Gives up waiting for what should have come before `t`.
  void settle(std::uint64_t t);

  std::size_t size() const { return blocks_.size(); }

 private:
  struct Waiting {
    bool is_alloc = false;
    std::uint64_t t = 0;
    std::uint32_t thread = 0;
    LiveBlock block;  // of an alloc
  };

  void make(const LiveBlock& block);
  void take(std::size_t place, std::uint64_t t, std::uint32_t thread);
  void wait(std::uint64_t address, const Waiting& event);
  // Applies what waits at the address as far as it is complete.
  void resolve(std::uint64_t address, std::vector<Waiting>& events, bool give_up);

  PairingObserver& observer_;
  BlockTable blocks_;
  std::unordered_map<std::uint64_t, std::vector<Waiting>> waiting_;
};

}  // namespace memoir

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

namespace memoir {

struct LiveBlock {
  std::uint64_t address = 0;  // 0: an empty place of the table
  std::uint64_t size = 0;
  std::uint64_t t =
      0;  // ticks of the session: the order of ticks is exact, of ns it is not
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

  std::size_t place_of(std::uint64_t address) const;
  void insert(const LiveBlock& block);
  void erase(std::size_t place);
  void grow();
  void make(const LiveBlock& block);
  void take(std::size_t place, std::uint64_t t, std::uint32_t thread);
  void wait(std::uint64_t address, const Waiting& event);
  // Applies what waits at the address as far as it is complete.
  void resolve(std::uint64_t address, std::vector<Waiting>& events, bool give_up);

  PairingObserver& observer_;
  std::vector<LiveBlock> places_;  // open addressing, linear probing; a power of two
  std::size_t size_ = 0;
  std::unordered_map<std::uint64_t, std::vector<Waiting>> waiting_;
};

}  // namespace memoir

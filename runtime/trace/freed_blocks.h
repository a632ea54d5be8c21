#pragma once

// Where an allocator is likely to put the next block: where it lately took one back. It
// keeps freed blocks by size, the one that came last first, mostly a set for each thread;
// so does this, so that the address of a new block is mostly a small number.
//
// The encoder and the decoder of a chunk keep one each and tell it the same things in the
// same order. It believes nothing and may be told anything: a block that is given twice,
// or that is not free, costs bytes and no more.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace memoir::chunk {

// What a block of so many bytes takes up, with its header, as the C library has it.
inline std::uint64_t taken_up(std::uint64_t size) {
  return size < 24 ? 32 : (size + 23) & ~std::uint64_t{15};
}

// Blocks of one class take each other's place. Small ones fit exactly.
inline std::uint8_t size_class(std::uint64_t size) {
  constexpr std::uint64_t kExact = 64;
  const std::uint64_t sixteens = taken_up(size) >> 4;
  return static_cast<std::uint8_t>(
      sixteens < kExact ? sixteens
                        : kExact + static_cast<std::uint64_t>(std::bit_width(sixteens)));
}

class FreedBlocks {
 public:
  static constexpr std::size_t kReach = 32;  // how far back take() looks

  FreedBlocks() : lists_(kThreads * kClasses) {}

  void clear() {
    for (List& list : lists_) list.clear();
  }
  void put(std::uint32_t thread, std::uint8_t size_class, std::uint64_t address) {
    List& list = of(thread, size_class);
    if (list.size() == kLongest) list.erase(list.begin(), list.begin() + kLongest / 2);
    list.push_back(address);
  }
  // How many came after the last one with this address, plus one; it is taken out. 0 when
  // there is none within reach.
  std::size_t take(std::uint32_t thread, std::uint8_t size_class, std::uint64_t address) {
    List& list = of(thread, size_class);
    const std::size_t reach = std::min(list.size(), kReach);
    const std::uint64_t* const end = list.data() + list.size();
    for (std::size_t i = 1; i <= reach; ++i) {
      if (*(end - i) != address) continue;
      remove(list, i);
      return i;
    }
    return 0;
  }
  // The address for which take() returned `place`. There must be one.
  std::uint64_t take_at(std::uint32_t thread, std::uint8_t size_class,
                        std::size_t place) {
    List& list = of(thread, size_class);
    const std::uint64_t address = *(list.data() + list.size() - place);
    remove(list, place);
    return address;
  }
  bool has(std::uint32_t thread, std::uint8_t size_class, std::size_t place) {
    return place <= std::min(of(thread, size_class).size(), kReach);
  }

 private:
  using List = std::vector<std::uint64_t>;

  static constexpr std::size_t kThreads = 16;  // a power of two; more share lists
  static constexpr std::size_t kClasses = 128;
  static constexpr std::size_t kLongest = 1024;

  static void remove(List& list, std::size_t place) {
    std::uint64_t* const end = list.data() + list.size();
    for (std::uint64_t* at = end - place; at + 1 < end; ++at) *at = *(at + 1);
    list.pop_back();
  }
  List& of(std::uint32_t thread, std::uint8_t size_class) {
    return lists_[(thread & (kThreads - 1)) * kClasses + size_class];
  }

  std::vector<List> lists_;
};

}  // namespace memoir::chunk

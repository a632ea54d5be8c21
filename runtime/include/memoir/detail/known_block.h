#pragma once

// A block of some pool of the process, found by an address in it: what non-owning buffers
// remember of the memory they were made on. Knows nothing where tracking is off.

#include <cstddef>
#include <cstdint>

#include "memoir/config.h"
#include "memoir/finding.h"
#include "memoir/site.h"

#if MEMOIR_TRACKING
namespace memoir::records {

struct known_block {
  const void* begin = nullptr;  // null: the address is in no live block
  std::size_t size = 0;
  std::uint64_t number = 0;
};

// The live block that holds the address. Thread safety: any. Complexity: all blocks.
known_block find_known_block(const void* address) noexcept;
// Whether it is still that block. Complexity: the number of pools.
bool is_known_live(const known_block& block) noexcept;

}  // namespace memoir::records
#endif

MEMOIR_BEGIN
namespace detail {

#if MEMOIR_TRACKING
class known_block {
 public:
  known_block() = default;
  explicit known_block(const void* address)
      : block_{records::find_known_block(address)} {}

  // Whether so many bytes from the address on lie in the block, if there is one.
  bool holds(const void* address, std::size_t bytes) const {
    if (block_.begin == nullptr) return true;
    const auto offset = reinterpret_cast<std::uintptr_t>(address) -
                        reinterpret_cast<std::uintptr_t>(block_.begin);
    return offset <= block_.size && bytes <= block_.size - offset;
  }
  bool is_live() const {
    return block_.begin == nullptr || records::is_known_live(block_);
  }

 private:
  records::known_block block_;
};
#else
class known_block {
 public:
  known_block() = default;
  explicit constexpr known_block(const void*) {}
  constexpr bool holds(const void*, std::size_t) const { return true; }
  constexpr bool is_live() const { return true; }
};
#endif

}  // namespace detail
MEMOIR_END

#pragma once

// Which blocks somebody wants to see, as plain conditions that all must hold. The words
// people type are turned into this by analyze/filter.h.
//
// Thread safety: plain values.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace memoir {

// Some call stacks of a trace, asked for by number many million times.
class StackSet {
 public:
  void add(std::uint32_t stack) {
    const std::size_t word = stack / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= std::uint64_t{1} << stack % 64;
  }
  bool contains(std::uint32_t stack) const {
    const std::size_t word = stack / 64;
    return word < words_.size() && (words_[word] >> stack % 64 & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
};

// A range that holds its ends.
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

  bool contains(std::uint64_t value) const { return value >= least && value <= most; }
  bool is_all() const {
    return least == 0 && most == std::numeric_limits<std::uint64_t>::max();
  }
};

struct BlockFilter {
  NumberRange size;  // bytes
  // ns from its allocation to its free; of a block that was never freed: to the last
  // event of its process.
  NumberRange life;
  NumberRange made;   // when it was allocated, ns since the trace began
  NumberRange freed;  // when it was freed; only all of them lets in what never was
  // The block holds this address, at its beginning or inside.
  std::optional<std::uint64_t> address;
  // Numbers of threads, sorted: who allocated it. Empty: anybody.
  std::vector<std::uint32_t> threads;
  // Its call stack is one of these. Null: any.
  std::shared_ptr<const StackSet> stacks;
  // Was never freed; was. Nothing: either.
  std::optional<bool> leaked;
  // Was freed by the thread that made it before that thread made another; was not.
  std::optional<bool> temporary;
  // Blocks of this pool instead of the heap's; 0: of any pool. Nothing: the heap's.
  std::optional<std::uint32_t> pool;

  bool is_all() const {
    return size.is_all() && life.is_all() && made.is_all() && freed.is_all() &&
           !address && threads.empty() && stacks == nullptr && !leaked && !temporary &&
           !pool;
  }
};

}  // namespace memoir

#pragma once

// What a trace names once and refers to by number: modules, frames and stacks. The tables
// know nothing of the file; they say whether a thing is new.
//
// Thread safety: none.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trace/ids.h"
#include "trace/zeroed_array.h"

namespace memoir {

// The number of a thing, and whether it was given just now.
template <typename Id>
struct Interned {
  Id id;
  bool is_new;
};

// A map from non-zero 64-bit keys to 32-bit values in one flat array with linear probing:
// traces have millions of stacks, and a node each would cost four times the memory.
class FlatMap {
 public:
  FlatMap();

  // The value of `key`, which becomes `fallback` when it has none.
  Interned<std::uint32_t> insert(std::uint64_t key, std::uint32_t fallback);
  // Fetches what insert() will look at.
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[home(key)], 1); }

 private:
  struct Slot {
    std::uint64_t key;
    std::uint32_t value;
  };

  void grow();
  Slot& find(std::uint64_t key);
  std::size_t home(std::uint64_t key) const {
    return (key * 0x9e3779b97f4a7c15U) >> 20 & (slots_.size() - 1);
  }

  ZeroedArray<Slot> slots_;  // a power of two of them, at most two thirds in use
  std::size_t used_ = 0;
};

class InternTables {
 public:
  Interned<ModuleId> module(std::string_view path, std::string_view build_id);
  Interned<FrameId> frame(ModuleId module, std::uint64_t address);
  Interned<TraceStackId> stack(TraceStackId parent, FrameId frame);

 private:
  struct FrameKey {
    std::uint64_t address;
    std::uint32_t module;
    friend bool operator==(const FrameKey&, const FrameKey&) = default;
  };
  struct FrameKeyHash {
    std::size_t operator()(const FrameKey& key) const noexcept {
      return std::hash<std::uint64_t>()(key.address * 0x9e3779b97f4a7c15U + key.module);
    }
  };

  std::unordered_map<std::string, std::uint32_t> modules_;  // path, NUL, build id
  std::unordered_map<FrameKey, std::uint32_t, FrameKeyHash> frames_;
  void insert_pending();

  FlatMap small_frames_;                // most of them: module and address in one word
  FlatMap stacks_;                      // parent and frame to stack
  std::vector<std::uint64_t> pending_;  // keys of the newest stacks, not in stacks_ yet
  std::uint32_t next_stack_ = 1;
  std::uint32_t next_frame_ = 1;
};

}  // namespace memoir

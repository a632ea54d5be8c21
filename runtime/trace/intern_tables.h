#pragma once

// What a trace names once and refers to by number: modules and frames (stacks:
// trace/stack_table.h). The tables know nothing of the file; they say whether a thing is
// new.
//
// Thread safety: none.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "trace/flat_map.h"
#include "trace/ids.h"

namespace memoir {

class InternTables {
 public:
  Interned<ModuleId> module(std::string_view path, std::string_view build_id);
  Interned<FrameId> frame(ModuleId module, std::uint64_t address);

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
  FlatMap small_frames_;  // most of them: module and address in one word
  std::uint32_t next_frame_ = 1;
};

}  // namespace memoir

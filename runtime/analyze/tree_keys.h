#pragma once

// Which lines of frames are one function of a call tree, and which are hidden.
//
// Thread safety: none.

#include <cstdint>
#include <vector>

#include "analyze/call_tree.h"
#include "analyze/frame_table.h"

namespace memoir {

// A number for each line of each frame: equal for those that are one node.
class TreeKeys {
 public:
  static constexpr std::uint32_t kHidden = 0;

  TreeKeys(const FrameTable& frames, const CallTreeOptions& options);

  std::uint32_t key(const FrameLine& line) const {
    return keys_[static_cast<std::size_t>(&line - frames_.all_lines().data())];
  }
  // Where the key stands by the name of its function; keys of nothing else stand behind.
  std::uint32_t rank(std::uint32_t key) const {
    return key < ranks_.size() ? ranks_[key] : key;
  }
  // A node of that key, with nothing but what it is.
  CallNode make_node(std::uint32_t key) const;

 private:
  void rank_keys();

  const FrameTable& frames_;
  bool by_line_;
  std::vector<std::uint32_t> keys_;   // by line
  std::vector<std::uint32_t> ranks_;  // by key
  std::vector<std::uint32_t> lines_;  // by key: the first line that has it
};

}  // namespace memoir

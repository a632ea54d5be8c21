#pragma once

// Decides which physical frame a stack is attributed to. Pure: a function of the roles of
// the frames along the stack.
//
// Thread safety: none.

#include <cstdint>
#include <vector>

#include "symbolize/frame_role.h"

namespace memoir {

// Stacks must be added in an order in which parents come before their children, as their
// ids are.
class StackAttribution {
 public:
  // What an address counts as when stacks pass over it: the role of its innermost logical
  // frame that is the program's, or of its outermost.
  void set_frame(std::uint32_t frame, FrameRole role);

  // There will be so many stacks.
  void reserve(std::size_t stacks) { places_.reserve(stacks + 1); }

  // The frame that `stack` is attributed to, 0 for none.
  std::uint32_t add(std::uint32_t stack, std::uint32_t parent, std::uint32_t frame);

 private:
  // Each a frame, 0 for none.
  struct Places {
    std::uint32_t place = 0;       // where the stack is attributed to
    std::uint32_t after_libc = 0;  // the same, seen from nameless libc code it called
    std::uint32_t not_memoir = 0;  // the innermost frame that is not Memoir's
  };

  FrameRole role(std::uint32_t frame) const;

  std::vector<FrameRole> roles_;   // by frame
  std::vector<Places> places_{1};  // by stack; [0] is "no stack"
};

}  // namespace memoir

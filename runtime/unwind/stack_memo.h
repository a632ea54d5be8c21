#pragma once

// The verified stack memo: what a thread's last walk found, and every word of the stack
// it rests on. A new walk that comes to a remembered frame need not go on: if all words
// that led from there outwards are still the same, then so is the rest of the stack,
// since call frame information says the same thing about the same registers every time.
//
// Nothing is patched and nothing assumed: a frame left by an exception, by longjmp or by
// switching stacks is noticed, because the words are read again each time.
//
// Frame 0 is the outermost one. The words of a frame are those that its caller was found
// by. The frame pointer counts only where a frame further out is found by it: elsewhere
// it is a register like any other, and changes without telling anything.
//
// Thread safety: one thread. A signal handler may leave any function by longjmp.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"
#include "base/stack_node.h"
#include "unwind/frame_rule.h"

namespace memoir {

// The deepest stack that is kept whole. Of a deeper one both ends are kept, half each.
inline constexpr std::size_t kMaxWholeStack = 16384;

// A frame as a walk found it, and how it found its caller.
struct WalkedFrame {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t bp = 0;
  std::uint64_t caller_sp = 0;
  // Where words were read, 0: not. The caller's pc, frame pointer and stack pointer.
  std::uint64_t pc_slot = 0;
  std::uint64_t bp_slot = 0;
  std::uint64_t sp_slot = 0;
  bool interrupted = false;      // it did not call: a signal frame stands on it
  bool is_signal_frame = false;  // its caller was interrupted
  bool by_bp = false;            // its own frame pointer led to the caller
  bool repeatable = false;       // all words lie where they may be read again
};

class StackMemo {
 public:
  std::size_t size() const { return size_; }
  StackNodeId node(std::size_t i) const { return frames_[i].node; }
  std::uint64_t pc(std::size_t i) const { return frames_[i].key & kPcMask; }

  // Forgets all but the outermost `size` frames.
  MEMOIR_FAST_PATH void truncate(std::size_t size) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    size_ = size;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
  }

  // How many of the outermost `most` frames may still stand on a stack whose innermost
  // known frame has this stack pointer.
  MEMOIR_FAST_PATH std::size_t skip_below(std::size_t most, std::uint64_t sp) const {
    while (most > 0 && frames_[most - 1].sp < sp) --most;
    return most;
  }

  MEMOIR_FAST_PATH bool is_at(std::size_t i, const FrameRegisters& registers,
                              bool interrupted) const {
    const Frame& frame = frames_[i];
    if (frame.sp != registers.sp) return false;
    if ((frame.key & ~kBpMatters) != make_key(registers.pc, interrupted)) return false;
    return (frame.key & kBpMatters) == 0 || frame.bp == registers.bp;
  }

  // Reads the words of frame i and all frames outside of it again. i + 1 when they are
  // what they were; otherwise how many of the outermost frames may still be as they were.
  MEMOIR_FAST_PATH std::size_t verify(std::size_t i) const {
    std::size_t word = frames_[i].words_end;
    while (word > 0) {
      --word;
      if (MEMOIR_UNLIKELY(*words_[word].address != words_[word].value)) {
        return frame_of_word(i, word);
      }
    }
    return i + 1;
  }

  // Remembers one frame more, called from the last one. False, and nothing is remembered,
  // when it cannot be.
  bool push(const WalkedFrame& walked, StackNodeId node);

 private:
  struct Frame {
    std::uint64_t key;  // pc | flags
    std::uint64_t sp;
    std::uint64_t bp;
    std::uint32_t words_end;  // of this frame and all outside of it
    StackNodeId node;
  };
  struct Word {
    const std::uint64_t* address;
    std::uint64_t value;
  };
  // Hardly any frame needs the third word.
  static constexpr std::size_t kMostWords = 2 * kMaxWholeStack;
  static constexpr std::uint64_t kInterrupted = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kBpMatters = std::uint64_t{1} << 62;

  static std::uint64_t make_key(std::uint64_t pc, bool interrupted) {
    return pc | (interrupted ? kInterrupted : 0);
  }
  MEMOIR_SLOW_PATH std::size_t frame_of_word(std::size_t i, std::size_t word) const;

  std::size_t size_ = 0;
  Frame frames_[kMaxWholeStack];
  Word words_[kMostWords];
};

}  // namespace memoir

#pragma once

// Session memory for tests, in ordinary memory of the test.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "wire/session_memory.h"

namespace memoir {

class SharedSession {
 public:
  explicit SharedSession(std::uint32_t rings = 4, std::uint32_t slots = 64,
                         std::uint32_t nodes = 1024, std::uint32_t text = 4096)
      : layout_(make_session_layout(rings, slots, nodes, text)),
        bytes_(static_cast<char*>(std::aligned_alloc(4096, layout_.total_bytes)),
               std::free) {
    std::fill_n(bytes_.get(), layout_.total_bytes, '\0');
    memory_ = SessionMemory(bytes_.get(), layout_);
  }

  const SessionMemory& memory() const { return memory_; }
  char* bytes() { return bytes_.get(); }

 private:
  SessionLayout layout_;
  std::unique_ptr<char, decltype(&std::free)> bytes_;
  SessionMemory memory_;
};

}  // namespace memoir

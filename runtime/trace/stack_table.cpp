#include "trace/stack_table.h"

namespace memoir {
namespace {

// Children that are looked at one after the other.
constexpr unsigned kFew = 16;

std::uint64_t key(std::uint32_t parent, std::uint32_t frame) {
  return std::uint64_t{parent} << 32 | frame;
}

}  // namespace

StackTable::StackTable() { nodes_.append() = {}; }

std::uint32_t StackTable::append(std::uint32_t parent, std::uint32_t frame,
                                 std::uint32_t maker) {
  const std::uint32_t stack = next();
  nodes_.append() = {parent, frame, maker, 0, 0};
  return stack;
}

void StackTable::widen(std::uint32_t parent) {
  std::uint32_t child = nodes_[parent].newest_child;
  for (; child != 0; child = nodes_[child].older) {
    wide_.insert(key(parent, nodes_[child].frame), child);
  }
  nodes_[parent].newest_child = kWide;
}

Interned<TraceStackId> StackTable::intern(TraceStackId parent, FrameId frame,
                                          ProcessId maker) {
  Node& caller = nodes_[parent.value];
  if (maker.value == 0 || caller.maker != maker.value) {
    caller.maker = 0;
    unsigned seen = 0;
    for (std::uint32_t child = caller.newest_child; child != 0 && child != kWide;
         child = nodes_[child].older) {
      if (nodes_[child].frame == frame.value) return {{child}, false};
      if (++seen == kFew) widen(parent.value);
      if (seen == kFew) break;
    }
  }
  if (caller.newest_child == kWide) {
    const auto known = wide_.insert(key(parent.value, frame.value), next());
    if (!known.is_new) return {{known.id}, false};
    return {{append(parent.value, frame.value, maker.value)}, true};
  }
  const std::uint32_t stack = append(parent.value, frame.value, maker.value);
  nodes_[stack].older = caller.newest_child;
  caller.newest_child = stack;
  return {{stack}, true};
}

}  // namespace memoir

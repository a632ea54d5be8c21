#include "trace/stack_table.h"

namespace memoir {
namespace {

// Children that are looked at one after the other.
constexpr unsigned kFew = 16;

std::uint64_t key(std::uint32_t parent, std::uint32_t frame) {
  return std::uint64_t{parent} << 32 | frame;
}

}  // namespace

StackTable::StackTable() {
  pages_.push_back(std::make_unique_for_overwrite<Page>());
  at(0) = {};
}

std::uint32_t StackTable::append(std::uint32_t parent, std::uint32_t frame,
                                 std::uint32_t maker) {
  const std::uint32_t stack = next_++;
  if (stack % kPageNodes == 0) {
    pages_.push_back(std::make_unique_for_overwrite<Page>());
  }
  at(stack) = {parent, frame, maker, 0, 0};
  return stack;
}

void StackTable::widen(std::uint32_t parent) {
  std::uint32_t child = at(parent).newest_child;
  for (; child != 0; child = at(child).older) {
    wide_.insert(key(parent, at(child).frame), child);
  }
  at(parent).newest_child = kWide;
}

Interned<TraceStackId> StackTable::intern(TraceStackId parent, FrameId frame,
                                          ProcessId maker) {
  Node& caller = at(parent.value);
  if (maker.value == 0 || caller.maker != maker.value) {
    caller.maker = 0;
    unsigned seen = 0;
    for (std::uint32_t child = caller.newest_child; child != 0 && child != kWide;
         child = at(child).older) {
      if (at(child).frame == frame.value) return {{child}, false};
      if (++seen == kFew) widen(parent.value);
      if (seen == kFew) break;
    }
  }
  if (caller.newest_child == kWide) {
    const auto known = wide_.insert(key(parent.value, frame.value), next_);
    if (!known.is_new) return {{known.id}, false};
    return {{append(parent.value, frame.value, maker.value)}, true};
  }
  const std::uint32_t stack = append(parent.value, frame.value, maker.value);
  at(stack).older = caller.newest_child;
  caller.newest_child = stack;
  return {{stack}, true};
}

}  // namespace memoir

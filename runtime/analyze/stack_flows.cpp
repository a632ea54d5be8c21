#include "analyze/stack_flows.h"

namespace memoir {
namespace {

void put_number(std::uint64_t v, std::vector<std::uint8_t>& bytes) {
  for (; v >= 128; v >>= 7) bytes.push_back(static_cast<std::uint8_t>(v | 128));
  bytes.push_back(static_cast<std::uint8_t>(v));
}

// Of bytes that were written here: they are not looked at twice.
std::uint64_t get_number(const std::uint8_t*& at) {
  std::uint64_t v = *at++;
  if (v < 128) return v;
  v &= 127;
  for (unsigned shift = 7;; shift += 7) {
    const std::uint64_t byte = *at++;
    v |= (byte & 127) << shift;
    if (byte < 128) return v;
  }
}

}  // namespace

void StackFlows::put(std::size_t level, ByStack<StackFlow>& flows) {
  List packed;
  packed.reserve(flows.size() * 8);
  std::uint32_t last = 0;
  flows.for_each_sorted([&](std::uint32_t stack, const StackFlow& flow) {
    put_number(stack - last, packed);
    last = stack;
    for (const std::uint64_t figure : {flow.allocations, flow.allocated_bytes, flow.frees,
                                       flow.freed_bytes, flow.temporary}) {
      put_number(figure, packed);
    }
  });
  flows.clear();
  packed.shrink_to_fit();
  bytes_ += packed.capacity() + sizeof(List);
  levels_[level].push_back(std::move(packed));
}

void StackFlows::unpack(const List& list, ByStack<StackFlow>& into) {
  std::uint32_t stack = 0;
  for (const std::uint8_t* at = list.data(); at != list.data() + list.size();) {
    stack += static_cast<std::uint32_t>(get_number(at));
    StackFlow& flow = into[stack];
    for (std::uint64_t* figure : {&flow.allocations, &flow.allocated_bytes, &flow.frees,
                                  &flow.freed_bytes, &flow.temporary}) {
      *figure += get_number(at);
    }
  }
}

void StackFlows::append(ByStack<StackFlow>& flows) {
  put(0, flows);
  for (std::size_t level = 0; level + 1 < kLevels; ++level) {
    const std::vector<List>& lists = levels_[level];
    if (lists.size() % kFanOut != 0) return;
    ByStack<StackFlow> together;
    for (std::size_t i = lists.size() - kFanOut; i < lists.size(); ++i) {
      unpack(lists[i], together);
    }
    put(level + 1, together);
  }
}

void StackFlows::add_up(std::size_t first, std::size_t end,
                        ByStack<StackFlow>& into) const {
  while (first < end) {
    std::size_t level = 0, width = 1;
    while (level + 1 < kLevels && first % (width * kFanOut) == 0 &&
           first + width * kFanOut <= end) {
      ++level;
      width *= kFanOut;
    }
    unpack(levels_[level][first / width], into);
    first += width;
  }
}

}  // namespace memoir

#include "track/program_requests.h"

#include <algorithm>
#include <cerrno>

#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/find_collector.h"
#include "track/recording.h"
#include "track/session_texts.h"

namespace memoir {
namespace {

Place find_block(const void* address) {
  if (!serves_blocks()) return {};
  return checked_heap().find(reinterpret_cast<std::uintptr_t>(address));
}

memoir_block description_of(const BlockView& view) {
  memoir_block block{};
  block.begin = reinterpret_cast<const void*>(view.begin);
  block.size = view.size;
  block.number = view.number;
  block.state = view.live ? MEMOIR_LIVE_BLOCK : MEMOIR_FREED_BLOCK;
  block.alloc_thread = view.alloc_thread;
  block.free_thread = view.free_thread;
  return block;
}

std::size_t count_of(const Findings& findings) {
  return static_cast<std::size_t>(findings.end() - findings.begin());
}

}  // namespace

bool is_process_recorded() { return is_recording(); }

int check_block_of_program(const void* address, const void* frame) {
  const Place place = find_block(address);
  if (place.is == AddressIs::kForeign) return -1;
  Findings findings;
  checked_heap().check_block(place, findings);
  if (findings.empty()) return 0;
  report_findings(findings, walk_stack(frame), Api::kUnknown, frame);
  return static_cast<int>(count_of(findings));
}

std::size_t check_all_blocks_of_program(const void* frame) {
  if (!serves_blocks()) return 0;
  std::size_t count = 0;
  checked_heap().check_all([&](const Finding& finding) {
    Findings one;
    one.add(finding);
    report_findings(one, walk_stack(frame), Api::kUnknown, frame);
    ++count;
  });
  return count;
}

int describe_block_to_program(const void* address, memoir_block& block) {
  block = {};
  const Place place = find_block(address);
  if (place.is == AddressIs::kForeign) return MEMOIR_NO_BLOCK;
  block = description_of(checked_heap().view(place));
  block.offset = static_cast<ptrdiff_t>(reinterpret_cast<std::uintptr_t>(address) -
                                        reinterpret_cast<std::uintptr_t>(block.begin));
  return static_cast<int>(block.state);
}

std::size_t list_live_numbers(std::uint64_t* numbers, std::size_t most) {
  if (!serves_blocks()) return MEMOIR_UNKNOWN;
  std::size_t count = 0;
  checked_heap().each_live([&](const BlockView& view) {
    if (count < most) numbers[count] = view.number;
    ++count;
  });
  return count;
}

std::size_t list_live_blocks(const std::uint64_t* known, std::size_t known_count,
                             memoir_block* blocks, std::size_t most) {
  if (!serves_blocks()) return MEMOIR_UNKNOWN;
  std::size_t count = 0;
  checked_heap().each_live([&](const BlockView& view) {
    if (std::binary_search(known, known + known_count, std::uint64_t{view.number}))
      return;
    if (count < most) blocks[count] = description_of(view);
    ++count;
  });
  return count;
}

std::size_t copy_command_path(char* path, std::size_t most) {
  CollectorPath found;
  if (!find_collector(found)) return 0;
  for (std::size_t i = 0; i <= found.size() && i < most; ++i) path[i] = found.c_str()[i];
  return found.size();
}

std::size_t copy_allocation_stack(const void* address, void** frames, std::size_t most) {
  const Place place = find_block(address);
  if (place.is == AddressIs::kForeign || !is_recording()) return 0;
  const SessionMemory& memory = g_runtime.session.memory();
  StackNodeId node = checked_heap().view(place).alloc_stack;
  const StackNodeId nodes = memory.header().node_count.load(std::memory_order_acquire);
  std::size_t count = 0;
  for (; node >= kFirstStackNode && node < nodes; node = memory.nodes()[node].parent) {
    if (count < most) {
      frames[count] =
          reinterpret_cast<void*>(memory.nodes()[node].pc_and_tenant & kPcMask);
    }
    ++count;
  }
  return count;
}

void set_mark(const char* name, const void* frame) {
  if (!is_recording()) return;
  const int saved_errno = errno;
  Event event;
  event.kind = EventKind::kMark;
  event.size = intern_text(name);
  if (event.size != 0 || *name == '\0') record(event, Stack::kNone, frame);
  errno = saved_errno;
}

}  // namespace memoir

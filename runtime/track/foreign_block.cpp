#include "track/foreign_block.h"

#include <cerrno>
#include <cstdint>

#include "base/careful_read.h"
#include "base/pages.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/module_registry.h"
#include "track/recording.h"

namespace memoir {
namespace {

constinit bool g_real_is_glibc = true;

// The words in front of a block of glibc's, and the flags in the second.
struct ChunkHeader {
  std::uint64_t previous_size;
  std::uint64_t size_and_flags;
};
constexpr std::uint64_t kMapped = 2;
constexpr std::uint64_t kOtherArena = 4;
constexpr std::uint64_t kFlags = 7;
constexpr std::uint64_t kArenaAlignment = std::uint64_t{64} << 20;
constexpr std::uint64_t kSmallestChunk = 32;
// How far below the program break the heap may reach.
constexpr std::uint64_t kMostBreak = std::uint64_t{1} << 36;

bool is_readable(std::uint64_t address) {
  char byte = 0;
  return read_carefully(address, &byte, 1) == CarefulRead::kRead;
}

bool looks_like_glibc_block(std::uint64_t address) {
  ChunkHeader header{};
  if (address % 16 != 0 || read_carefully(address - sizeof header, &header,
                                          sizeof header) != CarefulRead::kRead) {
    return false;
  }
  const std::uint64_t size = header.size_and_flags & ~kFlags;
  if (size < kSmallestChunk || size % 16 != 0) return false;
  const std::uint64_t chunk = address - sizeof header;
  if ((header.size_and_flags & kMapped) != 0) {
    return (chunk - header.previous_size) % kPageSize == 0 &&
           (size + header.previous_size) % kPageSize == 0;
  }
  if ((header.size_and_flags & kOtherArena) != 0) {
    return chunk % kArenaAlignment + size <= kArenaAlignment &&
           is_readable(chunk & ~(kArenaAlignment - 1));
  }
  const auto program_break = static_cast<std::uint64_t>(raw_syscall(SYS_brk, 0));
  return chunk < program_break && size <= program_break - chunk &&
         program_break - chunk < kMostBreak;
}

bool is_on_stack(std::uint64_t address) {
  const StackBounds bounds =
      t_thread.bounds.high != 0 ? t_thread.bounds : current_stack_bounds();
  return bounds.contains(address, 1);
}

}  // namespace

void set_real_allocator(bool is_glibc) { g_real_is_glibc = is_glibc; }

MemoryPlace place_of(const void* where) {
  const auto address = reinterpret_cast<std::uint64_t>(where);
  ModuleImage module;
  if (is_on_stack(address)) return MemoryPlace::kStack;
  if (find_module(address, module)) return MemoryPlace::kGlobal;
  if (!is_readable(address)) return MemoryPlace::kUnmapped;
  if (!g_real_is_glibc || looks_like_glibc_block(address)) {
    return MemoryPlace::kRealAllocator;
  }
  return MemoryPlace::kMapping;
}

bool is_foreign_block(const void* block) {
  const int saved_errno = errno;
  const bool is_real = place_of(block) == MemoryPlace::kRealAllocator;
  errno = saved_errno;
  return is_real;
}

void report_invalid_free(Api api, const void* block, const void* frame) {
  FaultRecord record;
  record.kind = FaultKind::kInvalidFree;
  record.access = FaultAccess::kFree;
  record.place = place_of(block);
  record.address = reinterpret_cast<std::uint64_t>(block);
  BlockView lost;
  if (serves_blocks() && checked_heap().find_lost(record.address, lost)) {
    record.kind = FaultKind::kDoubleFree;
    record.claimed = static_cast<std::uint64_t>(lost.free_api);
    describe_block(record, lost);
  }
  record.free_api = api;
  record.stack = walk_stack(frame);
  report_fault(record, frame);
}

}  // namespace memoir

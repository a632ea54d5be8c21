#include "collect/fault_message.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "trace/fault_names.h"

namespace memoir {
namespace {

std::string things(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// Of a number, as it is spoken: eight, eleven, eighteen and what begins like them.
std::string_view article(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  const std::string_view spoken =
      std::string_view(digits).substr(0, (digits.size() - 1) % 3 + 1);
  return spoken == "11" || spoken == "18" || spoken.starts_with('8') ? "an" : "a";
}

// A size as people mean it: what is beyond all memory was negative.
std::string claimed_size(std::uint64_t size) {
  const auto as_signed = static_cast<std::int64_t>(size);
  if (as_signed < 0) return fmt::format("{} bytes ({})", as_signed, size);
  return things(size, "byte");
}

// "a 10-byte block", "an 8-byte block", "a freed 10-byte block".
std::string block(const FaultRow& fault) {
  return fmt::format("{} {}{}-byte block",
                     fault.block_live ? article(fault.block_size) : "a",
                     fault.block_live ? "" : "freed ", fault.block_size);
}

// Where the address lies: "0 bytes after a 10-byte block".
std::string beside_block(const FaultRow& fault) {
  const std::uint64_t end = fault.block_address + fault.block_size;
  if (fault.address < fault.block_address) {
    return things(fault.block_address - fault.address, "byte") + " before " +
           block(fault);
  }
  if (fault.address >= end) {
    return things(fault.address - end, "byte") + " after " + block(fault);
  }
  return things(fault.address - fault.block_address, "byte") + " inside " + block(fault);
}

std::string place(const FaultRow& fault) {
  switch (fault.place) {
    case MemoryPlace::kBlock:
      return beside_block(fault);
    case MemoryPlace::kStack:
      return "on the thread's stack";
    case MemoryPlace::kGlobal:
      return "in static storage";
    case MemoryPlace::kMapping:
      return "mapped memory that is no block";
    case MemoryPlace::kUnmapped:
      return "where nothing is mapped";
    case MemoryPlace::kRealAllocator:
      return "a block of another allocator";
    case MemoryPlace::kUnknown:
      break;
  }
  return "that is no block";
}

// "write of 1 byte"; damage that was found later may be of fewer bytes.
std::string access(const FaultRow& fault) {
  const std::string_view name =
      fault.access == FaultAccess::kUnknown ? "access" : access_name(fault.access);
  if (fault.late && fault.damaged != 0) {
    return fmt::format("{} of {}{}", name, fault.damaged > 1 ? "up to " : "",
                       things(fault.damaged, "byte"));
  }
  if (fault.size == 0) return std::string(name);
  return fmt::format("{} of {}", name, things(fault.size, "byte"));
}

// A range that begins in a block and ends behind it.
bool runs_over_the_end(const FaultRow& fault) {
  const std::uint64_t end = fault.block_address + fault.block_size;
  return fault.place == MemoryPlace::kBlock && fault.address >= fault.block_address &&
         fault.address < end && fault.size > end - fault.address;
}

std::string what_was_accessed(const FaultRow& fault) {
  if (fault.fill_pattern) {
    return access(fault) + (fault.kind == FaultKind::kUninitializedUse
                                ? " at an address read from memory that was never written"
                                : " at an address that was read from freed memory");
  }
  if (fault.kind == FaultKind::kHeapBufferOverflow && runs_over_the_end(fault)) {
    const std::uint64_t inside = fault.block_address + fault.block_size - fault.address;
    return fmt::format("{}, {} more than are left of {}", access(fault),
                       fault.size - inside, block(fault));
  }
  switch (fault.place) {
    case MemoryPlace::kBlock:
      return access(fault) + ", " + place(fault);
    case MemoryPlace::kMapping:
    case MemoryPlace::kRealAllocator:
      return access(fault) + " in " + place(fault);
    default:
      return access(fault) + " " + place(fault);
  }
}

// What took the block back, or tried to.
std::string_view release(const FaultRow& fault) {
  return fault.free_api == Api::kUnknown ? "free" : api_name(fault.free_api);
}

std::string_view allocation(const FaultRow& fault) {
  return fault.alloc_api == Api::kUnknown ? "allocation" : api_name(fault.alloc_api);
}

std::string bad_size(const FaultRow& fault) {
  const bool product =
      fault.alloc_api == Api::kCalloc || fault.alloc_api == Api::kReallocarray;
  if (product && fault.claimed == ~std::uint64_t{0}) {
    return fmt::format("{} of more bytes than a size can hold", allocation(fault));
  }
  return fmt::format("{} of {}", allocation(fault), claimed_size(fault.claimed));
}

std::string_view thing_at(MemoryPlace place) {
  switch (place) {
    case MemoryPlace::kStack:
    case MemoryPlace::kGlobal:
      return "memory ";
    case MemoryPlace::kMapping:
    case MemoryPlace::kRealAllocator:
      return "";
    default:
      return "an address ";
  }
}

std::string what_was_freed(const FaultRow& fault) {
  return fmt::format("{} of {}{}", release(fault), thing_at(fault.place), place(fault));
}

std::string alignments(const FaultRow& fault) {
  const std::string claimed = fault.claimed == 0
                                  ? "without an alignment"
                                  : fmt::format("with an alignment of {}", fault.claimed);
  const std::string made =
      fault.alignment == 0 ? "without one" : fmt::format("with {}", fault.alignment);
  return fmt::format("{} {}, of a block allocated {}", release(fault), claimed, made);
}

std::string bad_alignment(const FaultRow& fault) {
  const bool power = fault.claimed != 0 && (fault.claimed & (fault.claimed - 1)) == 0;
  return fmt::format("{} with an alignment of {}, {}", allocation(fault), fault.claimed,
                     power ? "which it does not take" : "which is no power of two");
}

std::string overlap(const FaultRow& fault) {
  const std::uint64_t apart = fault.address > fault.claimed
                                  ? fault.address - fault.claimed
                                  : fault.claimed - fault.address;
  return fmt::format("{} between ranges that begin {} apart", access(fault),
                     things(apart, "byte"));
}

std::string details(const FaultRow& fault) {
  switch (fault.kind) {
    case FaultKind::kDoubleFree:
      return fmt::format("{} of {} {}-byte block that was freed before", release(fault),
                         article(fault.block_size), fault.block_size);
    case FaultKind::kInvalidFree:
      return what_was_freed(fault);
    case FaultKind::kAllocDeallocMismatch:
      return fmt::format("allocated by {}, freed by {}", allocation(fault),
                         release(fault));
    case FaultKind::kSizeMismatch:
      return fmt::format("{} of {}, but the block has {}", release(fault),
                         claimed_size(fault.claimed), fault.block_size);
    case FaultKind::kAlignmentMismatch:
      return alignments(fault);
    case FaultKind::kBadAlignment:
      return bad_alignment(fault);
    case FaultKind::kBadSize:
      return bad_size(fault);
    case FaultKind::kMemoryOverlap:
      return overlap(fault);
    default:
      return what_was_accessed(fault);
  }
}

// "block returned twice, in block_pool "frames": this pool never handed it out".
std::string misuse_message(const FaultRow& fault) {
  const PoolMisuse& misuse = *fault.misuse;
  std::string message = fault_title(fault.kind);
  if (!misuse.kind.empty()) message += ", in " + misuse.kind;
  if (!misuse.name.empty()) message += fmt::format(" \"{}\"", misuse.name);
  if (!misuse.text.empty()) message += ": " + misuse.text;
  return message;
}

}  // namespace

std::string fault_message(const FaultRow& fault) {
  if (fault.misuse) return misuse_message(fault);
  return fmt::format("{}: {}", fault_title(fault.kind), details(fault));
}

}  // namespace memoir

#include "unwind/stack_reader.h"

#include <cstring>

#include "base/careful_read.h"

namespace memoir {

StackRead StackReader::read_copy(std::uint64_t address, std::uint64_t sp,
                                 std::uint64_t& value) {
  const std::uint64_t end = address + sizeof value;
  if (end < address) return StackRead::kFailed;
  if (address < copy_begin_ || end > copy_end_) {
    // The frames further out lie above.
    const bool near = address >= sp && end - sp <= kCopyBytes;
    copy_begin_ = near ? sp : address;
    copy_end_ = copy_begin_ + read_what_is_mapped(copy_begin_, copy_, kCopyBytes);
    if (end > copy_end_) return StackRead::kFailed;
  }
  memcpy(&value, copy_ + (address - copy_begin_), sizeof value);
  return StackRead::kCopied;
}

}  // namespace memoir

#include "unwind/stack_reader.h"

#include <cstring>

#include "base/careful_read.h"
#include "base/pages.h"

namespace memoir {

StackRead StackReader::read_copy(std::uint64_t address, std::uint64_t sp,
                                 std::uint64_t& value) {
  const std::uint64_t end = address + sizeof value;
  if (end < address) return StackRead::kFailed;
  if (address < copy_begin_ || end > copy_end_) {
    // The frames further out lie above, up to the end of this page at least.
    const std::uint64_t last = round_up(end, kPageSize);
    const bool near = address >= sp && last - sp <= kCopyBytes;
    const std::uint64_t begin = near ? sp : address;
    copy_end_ = copy_begin_ = 0;
    if (last < end || read_carefully(begin, copy_, last - begin) != CarefulRead::kRead) {
      return StackRead::kFailed;
    }
    copy_begin_ = begin;
    copy_end_ = last;
  }
  memcpy(&value, copy_ + (address - copy_begin_), sizeof value);
  return StackRead::kCopied;
}

}  // namespace memoir

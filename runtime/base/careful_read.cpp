#include "base/careful_read.h"

#include <sys/uio.h>

#include <cerrno>

#include "base/pages.h"
#include "base/raw_syscall.h"

namespace memoir {

CarefulRead read_carefully(std::uint64_t address, void* to, std::size_t bytes) {
  if (bytes == 0) return CarefulRead::kRead;
  const iovec local{to, bytes};
  const iovec remote{reinterpret_cast<void*>(address), bytes};
  const long n = raw_syscall(SYS_process_vm_readv, raw_syscall(SYS_getpid), &local, 1,
                             &remote, 1, 0);
  if (n == static_cast<long>(bytes)) return CarefulRead::kRead;
  return n == -EPERM || n == -ENOSYS ? CarefulRead::kRefused : CarefulRead::kNotMapped;
}

bool can_be_read(std::uint64_t begin, std::uint64_t end) {
  char byte = 0;
  for (std::uint64_t at = begin; at < end; at = (at | (kPageSize - 1)) + 1) {
    if (read_carefully(at, &byte, 1) == CarefulRead::kNotMapped) return false;
  }
  return true;
}

std::size_t read_what_is_mapped(std::uint64_t address, void* to, std::size_t bytes) {
  if (bytes > kMostCarefulBytes) bytes = kMostCarefulBytes;
  if (bytes > ~std::uint64_t{0} - address) bytes = ~std::uint64_t{0} - address;
  // The kernel reads whole pieces only: a piece for each page.
  iovec pages[kMostCarefulBytes / kPageSize + 1];
  unsigned long count = 0;
  const iovec local{to, bytes};
  while (bytes > 0) {
    const std::size_t here = kPageSize - address % kPageSize;
    const std::size_t piece = here < bytes ? here : bytes;
    pages[count++] = {reinterpret_cast<void*>(address), piece};
    address += piece;
    bytes -= piece;
  }
  const long n = raw_syscall(SYS_process_vm_readv, raw_syscall(SYS_getpid), &local, 1,
                             pages, count, 0);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

}  // namespace memoir

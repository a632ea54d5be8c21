#include "base/careful_read.h"

#include <sys/uio.h>

#include <cerrno>

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

}  // namespace memoir

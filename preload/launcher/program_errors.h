#pragma once

// Standard error of a program whose collector nobody watches: kept for as long as the
// program itself has it, so that memory errors can be told there.
//
// Who reads it to its end (a shell, a pipe) waits for everybody who holds it, and must
// not wait for the collector. So it is let go as soon as no recorded process has it any
// more.
//
// Thread safety: one thread.

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "collect/scoped_fd.h"

namespace memoir {

class ProgramErrors {
 public:
  // Keeps our own standard error, which is the program's; nothing when not `wanted`.
  explicit ProgramErrors(bool wanted);

  // -1 when there is none.
  int descriptor() const { return kept_.get(); }
  // Whether one of the processes still has it as its standard error.
  bool is_used_by(const std::vector<std::int64_t>& pids) const;
  void close() { kept_ = ScopedFd(); }

 private:
  ScopedFd kept_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace memoir

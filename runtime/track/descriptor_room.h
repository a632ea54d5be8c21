#pragma once

// Room for the few descriptors that the start of a session takes for a moment, in a
// program that has used up all it may have: its limit is raised, if it may be, and put
// back at the end of this object's life.
//
// Thread safety: one thread. errno is left alone.

#include <sys/resource.h>

#include <cerrno>

#include "base/raw_syscall.h"

namespace memoir {

class DescriptorRoom {
 public:
  DescriptorRoom() = default;
  ~DescriptorRoom() {
    if (raised_) set(limit_);
  }
  DescriptorRoom(const DescriptorRoom&) = delete;
  DescriptorRoom& operator=(const DescriptorRoom&) = delete;

  // What make() answers, which is a descriptor or a negative errno.
  template <typename Make>
  long make(Make make) {
    const long descriptor = make();
    return descriptor == -EMFILE && raise() ? make() : descriptor;
  }

 private:
  static constexpr rlim_t kMore = 8;

  bool raise() {
    if (raised_) return false;
    if (raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &limit_) != 0) return false;
    rlimit more{limit_.rlim_cur + kMore, limit_.rlim_max};
    if (more.rlim_cur > more.rlim_max) more.rlim_max = more.rlim_cur;
    raised_ = set(more);  // beyond the hard limit with the privilege for it only
    if (!raised_ && limit_.rlim_cur != limit_.rlim_max) {
      raised_ = set({limit_.rlim_max, limit_.rlim_max});
    }
    return raised_;
  }

  static bool set(const rlimit& limit) {
    return raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, 0) == 0;
  }

  rlimit limit_{};
  bool raised_ = false;
};

}  // namespace memoir

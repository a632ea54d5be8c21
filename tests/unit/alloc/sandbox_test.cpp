// Programs that give up system calls after pools are in use.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

// From here on membarrier(2) fails.
bool forbid_membarrier() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// 0: all is well.
int use_pool_in_sandbox() {
  system_allocator base;
  memory_pool pool{base};
  const auto use = [&] {
    for (int i = 0; i < 100; ++i) pool.allocate<int>(1 + i % 50).fill(i);
  };
  use();
  if (!forbid_membarrier()) return 2;
  use();
  std::thread(use).join();
  pool.clear();
  use();
  return pool.total_allocated_bytes() == 0 ? 0 : 1;
}

// All blocks of a pool can be had, also those that another thread keeps at hand.
int take_all_in_sandbox() {
  constexpr std::size_t kBlocks = 64;
  block_pool<int> pool{16, kBlocks};
  if (!forbid_membarrier()) return 2;
  std::binary_semaphore kept{0}, done{0};
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      auto one = pool.acquire();
      auto two = pool.acquire();
    }
    kept.release();
    done.acquire();
  });
  kept.acquire();
  std::vector<unique_buffer<int>> all;
  while (auto block = pool.try_acquire()) all.push_back(std::move(*block));
  done.release();
  other.join();
  return all.size() == kBlocks ? 0 : 1;
}

class PoolSandboxTest : public ::testing::TestWithParam<int (*)()> {};

TEST_P(PoolSandboxTest, PoolsGoOnWithoutMembarrier) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);  // hung
    _exit(GetParam()());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
    GTEST_SKIP() << "this kernel takes no filters";
  }
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(, PoolSandboxTest,
                         ::testing::Values(&use_pool_in_sandbox, &take_all_in_sandbox));

}  // namespace
}  // namespace memoir

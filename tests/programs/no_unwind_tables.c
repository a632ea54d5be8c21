// Built without call frame information, as large programs are that do without exceptions
// and unwinding: the chain of frame pointers leads to the callers, and is read without
// system calls, which take longer than everything else: copying memory through the kernel
// is refused here.
// COMPILE: -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-omit-frame-pointer
// THREADS: 2
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void* volatile kept;

static int refuse_copies(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static __attribute__((noinline)) void descend(int deeper) {
  if (deeper != 0) {
    descend(deeper - 1);
    return;
  }
  // ALLOC: malloc 40 x 48, leaked 40
  // STACK: descend*31 < ...
  kept = malloc(48);
}

static void* in_thread(void* unused) {
  for (int i = 0; i < 20; ++i) descend(30);
  return unused;
}

int main(void) {
  if (refuse_copies() != 0) return 1;
  pthread_t thread;
  if (pthread_create(&thread, NULL, in_thread, NULL) != 0) return 2;
  pthread_join(thread, NULL);
  for (int i = 0; i < 20; ++i) descend(30);
  return 0;
}

// Gives up for good what it does not need (files, sockets, other processes) by a seccomp
// filter that kills who tries; then it goes on allocating, in a thread and a child, too.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

static int close_sandbox(void) {
  static const int forbidden[] = {
      SYS_openat,       SYS_open,       SYS_socket,    SYS_connect,
      SYS_memfd_create, SYS_pidfd_open, SYS_execve,    SYS_process_vm_readv,
      SYS_ptrace,       SYS_kill,       SYS_readlinkat};
  enum { kCount = sizeof forbidden / sizeof *forbidden };
  struct sock_filter filter[kCount + 3];
  filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                           offsetof(struct seccomp_data, nr));
  for (int i = 0; i < kCount; ++i) {
    filter[i + 1] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)forbidden[i],
                                     (unsigned char)(kCount - i), 0);
  }
  filter[kCount + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[kCount + 2] =
      (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  const struct sock_fprog program = {kCount + 3, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static __attribute__((noinline)) int descend(int deeper) {
  if (deeper == 0) free(malloc(48));
  return deeper == 0 ? 0 : 1 + descend(deeper - 1);
}

static void* run(void* unused) {
  for (int i = 0; i < 10000; ++i) descend(i % 50);
  kept = malloc(20);
  return unused;
}

int main(void) {
  kept = malloc(10);
  if (close_sandbox() != 0) return 1;
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, NULL) != 0) return 2;
  for (int i = 0; i < 10000; ++i) descend(i % 60);
  pthread_join(thread, NULL);
  const pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 1000; ++i) free(malloc(30));
    _exit(4);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 3;
  return WEXITSTATUS(status) == 4 ? 6 : 4;
}

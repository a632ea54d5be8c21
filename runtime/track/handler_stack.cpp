#include "track/handler_stack.h"

#include <atomic>
#include <cstdint>

#include "base/pages.h"
#include "base/raw_syscall.h"

// Calls a function on another stack. The frame pointer leads back, for whoever walks it.
extern "C" void memoir_call_on_stack(void (*function)(void*), void* argument, void* top);
__asm__(
    ".text\n"
    ".hidden memoir_call_on_stack\n"
    ".globl memoir_call_on_stack\n"
    ".type memoir_call_on_stack, @function\n"
    "memoir_call_on_stack:\n"
    ".cfi_startproc\n"
    "  endbr64\n"
    "  push %rbp\n"
    ".cfi_def_cfa_offset 16\n"
    ".cfi_offset %rbp, -16\n"
    "  mov %rsp, %rbp\n"
    ".cfi_def_cfa_register %rbp\n"
    "  mov %rdx, %rsp\n"
    "  mov %rdi, %rax\n"
    "  mov %rsi, %rdi\n"
    "  call *%rax\n"
    "  mov %rbp, %rsp\n"
    "  pop %rbp\n"
    ".cfi_def_cfa %rsp, 8\n"
    "  ret\n"
    ".cfi_endproc\n"
    ".size memoir_call_on_stack, . - memoir_call_on_stack\n");

namespace memoir {
namespace {

constexpr std::size_t kStacks = 4;
constexpr std::size_t kStackBytes = std::size_t{64} << 10;

constinit char* g_stacks = nullptr;
// The thread that is on each; 0: none.
constinit std::atomic<std::uint32_t> g_users[kStacks] = {};

bool has_gone(std::uint32_t thread) {
  return thread != 0 && raw_syscall(SYS_tgkill, raw_syscall(SYS_getpid), thread, 0) < 0;
}

// A stack whose thread was left behind by a fork, or killed, is free.
std::size_t take_stack(std::uint32_t self) {
  for (;;) {
    for (std::size_t i = 0; i < kStacks; ++i) {
      std::uint32_t user = g_users[i].load(std::memory_order_relaxed);
      if (user != 0 && !has_gone(user)) continue;
      if (g_users[i].compare_exchange_strong(user, self, std::memory_order_acquire)) {
        return i;
      }
    }
    raw_syscall(SYS_sched_yield);
  }
}

}  // namespace

bool make_handler_stacks() {
  if (g_stacks == nullptr)
    g_stacks = static_cast<char*>(map_pages(kStacks * kStackBytes));
  return g_stacks != nullptr;
}

void call_on_handler_stack(void (*function)(void*), void* argument) {
  if (g_stacks == nullptr) return function(argument);
  const std::size_t i = take_stack(static_cast<std::uint32_t>(raw_syscall(SYS_gettid)));
  memoir_call_on_stack(function, argument, g_stacks + (i + 1) * kStackBytes);
  g_users[i].store(0, std::memory_order_release);
}

}  // namespace memoir

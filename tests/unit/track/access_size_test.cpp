#include "track/access_size.h"

#include <gtest/gtest.h>

#include <vector>

namespace memoir {
namespace {

struct Instruction {
  const char* text;
  std::vector<std::uint8_t> code;
  std::uint32_t size;
};

TEST(AccessSizeTest, MovesOfEveryWidth) {
  const Instruction known[] = {
      {"mov %al, (%rdi)", {0x88, 0x07}, 1},
      {"movb $1, (%rdi)", {0xc6, 0x07, 0x01}, 1},
      {"mov %ax, (%rdi)", {0x66, 0x89, 0x07}, 2},
      {"mov (%rdi), %eax", {0x8b, 0x07}, 4},
      {"mov (%rdi), %rax", {0x48, 0x8b, 0x07}, 8},
      {"mov (%r15), %r8d", {0x45, 0x8b, 0x07}, 4},
      {"movq $1, (%rdi)", {0x48, 0xc7, 0x07, 1, 0, 0, 0}, 8},
      {"movzbl (%rdi), %eax", {0x0f, 0xb6, 0x07}, 1},
      {"movswq (%rdi), %rax", {0x48, 0x0f, 0xbf, 0x07}, 2},
      {"movslq (%rdi), %rax", {0x48, 0x63, 0x07}, 4},
      {"cmpb $0, (%rdi)", {0x80, 0x3f, 0x00}, 1},
      {"add (%rdi), %rax", {0x48, 0x03, 0x07}, 8},
      {"lock xadd %eax, (%rdi)", {0xf0, 0x0f, 0xc1, 0x07}, 4},
      {"rep stos %al, (%rdi)", {0xf3, 0xaa}, 1},
      {"rep movsq", {0xf3, 0x48, 0xa5}, 8},
      {"movss (%rdi), %xmm0", {0xf3, 0x0f, 0x10, 0x07}, 4},
      {"movsd %xmm0, (%rdi)", {0xf2, 0x0f, 0x11, 0x07}, 8},
      {"movups (%rdi), %xmm0", {0x0f, 0x10, 0x07}, 16},
      {"movdqa (%rdi), %xmm0", {0x66, 0x0f, 0x6f, 0x07}, 16},
      {"vmovdqu (%rdi), %ymm0", {0xc5, 0xfe, 0x6f, 0x07}, 32},
      {"vmovdqu (%rdi), %xmm0", {0xc5, 0xfa, 0x6f, 0x07}, 16},
      {"vmovups %ymm8, (%r8)", {0xc4, 0x41, 0x7c, 0x11, 0x00}, 32},
      {"vmovsd (%rdi), %xmm0", {0xc5, 0xfb, 0x10, 0x07}, 8},
  };
  for (const Instruction& instruction : known) {
    EXPECT_EQ(instruction.size,
              decode_access_size(instruction.code.data(), instruction.code.size()))
        << instruction.text;
  }
}

TEST(AccessSizeTest, WhatIsNotKnownHasNoSize) {
  const Instruction unknown[] = {
      {"nothing", {}, 0},
      {"prefixes alone", {0x66, 0xf3, 0x48}, 0},
      {"half of two bytes", {0x0f}, 0},
      {"half of a VEX prefix", {0xc4, 0x41, 0x7c}, 0},
      {"fxsave (%rdi)", {0x0f, 0xae, 0x07}, 0},
      {"jmp *(%rdi)", {0xff, 0x27}, 0},
  };
  for (const Instruction& instruction : unknown) {
    EXPECT_EQ(0u, decode_access_size(instruction.code.data(), instruction.code.size()))
        << instruction.text;
  }
  EXPECT_EQ(0u, size_of_access(16));
}

}  // namespace
}  // namespace memoir

#include "track/instruction.h"

#include <gtest/gtest.h>

#include <vector>

namespace memoir {
namespace {

using Code = std::vector<std::uint8_t>;

Instruction decode(const Code& code) {
  return decode_instruction(code.data(), code.size());
}

TEST(InstructionTest, OperandsInMemory) {
  Instruction made = decode({0xc6, 0x40, 0x0d, 0x01});  // movb $1, 13(%rax)
  EXPECT_EQ(4, made.bytes);
  EXPECT_TRUE(made.has_memory);
  EXPECT_EQ(0, made.base);
  EXPECT_EQ(Instruction::kNone, made.index);
  EXPECT_EQ(13, made.displacement);
  made = decode({0x43, 0x8b, 0x44, 0xa5, 0xfc});  // mov -4(%r13,%r12,4), %eax
  EXPECT_EQ(5, made.bytes);
  EXPECT_EQ(13, made.base);
  EXPECT_EQ(12, made.index);
  EXPECT_EQ(2, made.scale_log2);
  EXPECT_EQ(-4, made.displacement);
  made = decode({0x48, 0x8b, 0x05, 1, 2, 0, 0});  // mov 0x201(%rip), %rax
  EXPECT_EQ(7, made.bytes);
  EXPECT_TRUE(made.is_relative);
  EXPECT_EQ(Instruction::kNone, made.base);
  made = decode({0xff, 0xd0});  // call *%rax
  EXPECT_EQ(2, made.bytes);
  EXPECT_FALSE(made.has_memory);
  EXPECT_EQ(2, made.group());
  made = decode({0xc4, 0xc1, 0x7e, 0x7f, 0x44, 0x24, 0x20});  // vmovdqu %ymm0, 32(%r12)
  EXPECT_EQ(7, made.bytes);
  EXPECT_EQ(12, made.base);
}

TEST(InstructionTest, MasksOfVectors) {
  // vmovdqu8 %ymm16, (%rdi){%k1}, and without the mask
  EXPECT_TRUE(decode({0x62, 0xe1, 0x7f, 0x29, 0x7f, 0x07}).is_masked);
  EXPECT_FALSE(decode({0x62, 0xe1, 0x7f, 0x28, 0x7f, 0x07}).is_masked);
  EXPECT_EQ(6, decode({0x62, 0xe1, 0x7f, 0x28, 0x7f, 0x07}).bytes);
  EXPECT_TRUE(decode({0xc4, 0xe2, 0x7d, 0x2e, 0x07}).is_masked);  // vmaskmovps
  EXPECT_FALSE(decode({0xc4, 0xe2, 0x7d, 0x18, 0x07}).is_masked);
}

TEST(InstructionTest, WhatIsCutOffHasNoLength) {
  EXPECT_EQ(0, decode({0xc6, 0x40, 0x0d}).bytes);
  EXPECT_EQ(0, decode({0x66}).bytes);
  EXPECT_EQ(0, decode({}).bytes);
  EXPECT_EQ(0, decode(Code(20, 0x66)).bytes);
}

// What GCC made of a function: each instruction is found from the end of it.
TEST(InstructionTest, TheOneBefore) {
  const std::vector<Code> function = {
      {0xf3, 0x0f, 0x1e, 0xfa},                    // endbr64
      {0x41, 0x54},                                // push %r12
      {0x55},                                      // push %rbp
      {0x53},                                      // push %rbx
      {0x48, 0x89, 0xfb},                          // mov %rdi, %rbx
      {0xbf, 0x0d, 0x00, 0x00, 0x00},              // mov $13, %edi
      {0xe8, 0x5d, 0xfe, 0xff, 0xff},              // call
      {0x48, 0x8d, 0x35, 0x66, 0x0e, 0x00, 0x00},  // lea 0xe66(%rip), %rsi
      {0x48, 0x89, 0xc5},                          // mov %rax, %rbp
      {0x85, 0xc0},                                // test %eax, %eax
      {0x75, 0x04},                                // jne
      {0xc6, 0x45, 0x0d, 0x01},                    // movb $1, 13(%rbp)
      {0x66, 0x89, 0x45, 0x10},                    // mov %ax, 16(%rbp)
      {0x44, 0x88, 0x65, 0xff},                    // mov %r12b, -1(%rbp)
      {0xf3, 0x48, 0xab},                          // rep stos
      {0x48, 0xc7, 0x45, 0x18, 1, 0, 0, 0},        // movq $1, 24(%rbp)
      {0xc5, 0xfa, 0x7f, 0x45, 0x20},              // vmovdqu %xmm0, 32(%rbp)
      {0x0f, 0xb6, 0x55, 0x0d},                    // movzbl 13(%rbp), %edx
      {0x48, 0x83, 0xc4, 0x08},                    // add $8, %rsp
      {0x5b},                                      // pop %rbx
      {0xc3},                                      // ret
  };
  Code code;
  for (std::size_t i = 0; i < function.size(); ++i) {
    code.insert(code.end(), function[i].begin(), function[i].end());
    EXPECT_EQ(function[i].size(), decode(function[i]).bytes) << i;
    if (i < 4) continue;  // too little stands before
    EXPECT_EQ(function[i].size(), last_instruction(code.data(), code.size())) << i;
  }
  EXPECT_EQ(0u, last_instruction(code.data(), 0));
}

}  // namespace
}  // namespace memoir

#pragma once

// How many bytes of memory an instruction of the program touches, where that is easily
// told: moves of every width, and what computes with an operand in memory.
//
// Thread safety: a pure function of the bytes of the instruction.

#include <cstddef>
#include <cstdint>

namespace memoir {

// 0: not known. `code` holds the instruction's bytes, `size` of them.
std::uint32_t decode_access_size(const std::uint8_t* code, std::size_t size);

// Of the instruction at an address, which may not be readable.
std::uint32_t size_of_access(std::uint64_t pc);

}  // namespace memoir

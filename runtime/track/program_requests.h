#pragma once

// What a program asks for through include/memoir/track.h, whose comments are the
// contract. `frame` is the frame address of the function that the program called.

#include <cstddef>
#include <cstdint>

#include "memoir/track.h"

namespace memoir {

bool is_process_recorded();
int check_block_of_program(const void* address, const void* frame);
std::size_t check_all_blocks_of_program(const void* frame);
int describe_block_to_program(const void* address, memoir_block& block);
std::size_t copy_allocation_stack(const void* address, void** frames, std::size_t most);
std::size_t list_live_numbers(std::uint64_t* numbers, std::size_t most);
std::size_t list_live_blocks(const std::uint64_t* known, std::size_t known_count,
                             memoir_block* blocks, std::size_t most);
std::size_t copy_command_path(char* path, std::size_t most);
void set_mark(const char* name, const void* frame);

}  // namespace memoir

#pragma once

// What a program tells of its pools through include/memoir/track.h, whose comments are
// the contract. `frame` is the frame address of the function that the program called.

#include <cstddef>
#include <cstdint>

#include "memoir/track.h"

namespace memoir {

std::uint32_t create_pool(const char* kind, const char* name, std::uint32_t parent,
                          const void* frame);
void name_pool(std::uint32_t pool, const char* name, const void* frame);
void record_pool_alloc(std::uint32_t pool, const void* block, std::size_t size,
                       const void* frame);
void record_pool_free(std::uint32_t pool, const void* block, const void* frame);
void record_pool_reset(std::uint32_t pool, const void* frame);
void record_pool_destroy(std::uint32_t pool, const void* frame);
void record_pool_backing(std::uint32_t pool, const void* memory, const void* frame);
void record_pool_event(const memoir_pool_event& told, const void* frame);
void report_pool_fault(const memoir_pool_fault& fault, const void* frame);

}  // namespace memoir

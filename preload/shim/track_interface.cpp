// The table behind include/memoir/track.h.

#include "base/compiler.h"
#include "base/keep_errno.h"
#include "memoir/track.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/pool_requests.h"
#include "track/program_requests.h"
#include "track/recording_pause.h"

using memoir::KeepErrno;

extern "C" __attribute__((visibility("hidden"), alias("memoir_track")))
const memoir_track_table memoir_own_track;

namespace {

int is_recording() {
  const KeepErrno keep;
  return memoir::is_process_recorded() ? 1 : 0;
}

int check_block(const void* address) {
  const KeepErrno keep;
  return memoir::check_block_of_program(address, MEMOIR_FRAME);
}

std::size_t check_all() {
  const KeepErrno keep;
  return memoir::check_all_blocks_of_program(MEMOIR_FRAME);
}

int block_info(const void* address, memoir_block* block) {
  memoir_block unwanted;
  return memoir::describe_block_to_program(address, block == nullptr ? unwanted : *block);
}

void mark(const char* name) { memoir::set_mark(name, MEMOIR_FRAME); }

uint32_t pool_create(const char* kind, const char* name, uint32_t parent) {
  const KeepErrno keep;
  return memoir::create_pool(kind, name, parent, MEMOIR_FRAME);
}

void pool_name(uint32_t pool, const char* name) {
  const KeepErrno keep;
  memoir::name_pool(pool, name, MEMOIR_FRAME);
}

void pool_alloc(uint32_t pool, const void* block, size_t size) {
  const KeepErrno keep;
  memoir::record_pool_alloc(pool, block, size, MEMOIR_FRAME);
}

void pool_free(uint32_t pool, const void* block) {
  const KeepErrno keep;
  memoir::record_pool_free(pool, block, MEMOIR_FRAME);
}

void pool_reset(uint32_t pool) {
  const KeepErrno keep;
  memoir::record_pool_reset(pool, MEMOIR_FRAME);
}

void pool_destroy(uint32_t pool) {
  const KeepErrno keep;
  memoir::record_pool_destroy(pool, MEMOIR_FRAME);
}

void pool_backing(uint32_t pool, const void* memory) {
  const KeepErrno keep;
  memoir::record_pool_backing(pool, memory, MEMOIR_FRAME);
}

void pool_fault(const memoir_pool_fault* fault) {
  const KeepErrno keep;
  memoir::report_pool_fault(*fault, MEMOIR_FRAME);
}

void pool_event(const memoir_pool_event* event) {
  const KeepErrno keep;
  memoir::record_pool_event(*event, MEMOIR_FRAME);
}

std::size_t live_numbers(std::uint64_t* numbers, std::size_t most) {
  const KeepErrno keep;
  return memoir::list_live_numbers(numbers, most);
}

std::size_t live_blocks(const std::uint64_t* known, std::size_t known_count,
                        memoir_block* blocks, std::size_t most) {
  const KeepErrno keep;
  return memoir::list_live_blocks(known, known_count, blocks, most);
}

std::size_t command(char* path, std::size_t most) {
  const KeepErrno keep;
  return memoir::copy_command_path(path, most);
}

}  // namespace

extern "C" __attribute__((
    visibility("default"))) constinit const memoir_track_table memoir_track = {
    sizeof(memoir_track_table),
    is_recording,
    check_block,
    check_all,
    block_info,
    memoir::copy_allocation_stack,
    memoir::pause_recording,
    memoir::resume_recording,
    mark,
    pool_create,
    pool_name,
    pool_alloc,
    pool_free,
    pool_reset,
    pool_destroy,
    pool_backing,
    pool_fault,
    live_numbers,
    live_blocks,
    command,
    pool_event};

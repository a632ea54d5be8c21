// The table behind include/memoir/track.h.

#include "base/compiler.h"
#include "base/keep_errno.h"
#include "memoir/track.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/program_requests.h"
#include "track/recording_pause.h"

using memoir::KeepErrno;

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

}  // namespace

extern "C" __attribute__((
    visibility("default"))) constinit const memoir_track_table memoir_track = {
    offsetof(memoir_track_table, pool_create),
    is_recording,
    check_block,
    check_all,
    block_info,
    memoir::copy_allocation_stack,
    memoir::pause_recording,
    memoir::resume_recording,
    mark,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr};

#ifndef MEMOIR_TRACK_H
#define MEMOIR_TRACK_H

/* What a program may say to Memoir, and ask it, while it runs. For C and C++.
 *
 * A program that includes this header needs no library of Memoir's, neither to be linked
 * nor to run. Where Memoir is not loaded, every function does nothing and answers as
 * described under "absent"; the price is a load and a comparison. It is loaded by `memoir
 * run`, by LD_PRELOAD, or by linking memoir::runtime; not in programs that are linked
 * statically.
 *
 * Thread safety: every function from any thread. Not from signal handlers, but for
 * memoir_pause() and memoir_resume(). errno is preserved.
 * Addresses and sizes are in bytes. No function fails in another way than it says. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an address is to the checked heap. */
enum memoir_block_state {
  MEMOIR_NO_BLOCK = 0,   /* nothing of the heap's */
  MEMOIR_LIVE_BLOCK = 1, /* in a block, or nearest to it */
  MEMOIR_FREED_BLOCK = 2 /* the same, of one that was freed and is still remembered */
};

/* A block of the checked heap. */
typedef struct memoir_block {
  const void* begin;     /* its first byte */
  size_t size;           /* as it was asked for */
  ptrdiff_t offset;      /* of the address from `begin`; beside the block: below 0, or not
                            below `size` */
  uint64_t number;       /* no other block of the process has it */
  uint32_t state;        /* enum memoir_block_state */
  uint32_t alloc_thread; /* as the trace counts threads, from 1; 0: not known */
  uint32_t free_thread;  /* of a freed block */
  uint32_t reserved;
} memoir_block;

/* What stands behind the functions. It only grows at its end; `bytes` says how far it
 * goes. */
typedef struct memoir_track_table {
  size_t bytes;
  int (*is_recording)(void);
  int (*check_block)(const void* address);
  size_t (*check_all)(void);
  int (*block_info)(const void* address, memoir_block* block);
  size_t (*allocation_stack)(const void* address, void** frames, size_t most);
  void (*pause)(void);
  void (*resume)(void);
  void (*mark)(const char* name);
} memoir_track_table;

extern const memoir_track_table memoir_track __attribute__((weak));

/* The table; null where Memoir is absent. */
static inline const memoir_track_table* memoir_find_track(void) {
#if defined(__x86_64__) && !defined(__PIC__) && !defined(__PIE__)
  /* Linkers settle a weak symbol of a program that is not position independent at once,
   * unless it is reached in this way. */
  const memoir_track_table* table;
  __asm__(".weak memoir_track\n\tmovq memoir_track@GOTPCREL(%%rip), %0" : "=r"(table));
  return table;
#else
  return &memoir_track;
#endif
}

/* Whether this process is being recorded. Absent: 0. */
static inline int memoir_is_recording(void) {
  const memoir_track_table* table = memoir_find_track();
  return table != NULL ? table->is_recording() : 0;
}

/* Verifies the memory around a block, given any address in it: what was written beside
 * it, or into it after it was freed, is reported as memory errors are, and mended. The
 * number of errors that were found; -1 where the address is no block of the checked heap,
 * which there is in check and guard mode only. Absent: -1. */
static inline int memoir_check_block(const void* address) {
  const memoir_track_table* table = memoir_find_track();
  return table != NULL ? table->check_block(address) : -1;
}

/* The same for all blocks of the process, live and freed: a look at all its memory. The
 * number of errors that were found. Absent: 0. */
static inline size_t memoir_check_all(void) {
  const memoir_track_table* table = memoir_find_track();
  return table != NULL ? table->check_all() : 0;
}

/* The block that an address lies in, or is nearest to. Its state, as in `block`, which is
 * all zero where there is none; `block` may be null. Absent: MEMOIR_NO_BLOCK. */
static inline int memoir_block_info(const void* address, memoir_block* block) {
  static const memoir_block none = {0, 0, 0, 0, 0, 0, 0, 0};
  const memoir_track_table* table = memoir_find_track();
  if (table != NULL) return table->block_info(address, block);
  if (block != NULL) *block = none;
  return MEMOIR_NO_BLOCK;
}

/* The call stack that allocated this block: return addresses, innermost first, as
 * backtrace() of <execinfo.h> gives them. How many there are; at most `most` of them are
 * put into `frames`, which may be null when that is 0. Absent, or where there is no
 * block: 0. */
static inline size_t memoir_allocation_stack(const void* address, void** frames,
                                             size_t most) {
  const memoir_track_table* table = memoir_find_track();
  return table != NULL ? table->allocation_stack(address, frames, most) : 0;
}

/* From here on until memoir_resume(), no allocation of the process is recorded, on no
 * thread: neither in figures nor as a leak. Blocks are still checked. What is reallocated
 * is recorded. Pauses nest, and a forked child inherits them. */
static inline void memoir_pause(void) {
  const memoir_track_table* table = memoir_find_track();
  if (table != NULL) table->pause();
}

/* Ends the last pause. More of them than memoir_pause() are ignored. */
static inline void memoir_resume(void) {
  const memoir_track_table* table = memoir_find_track();
  if (table != NULL) table->resume();
}

/* Gives this moment a name in the trace (view `marks`); `memoir report` lists them. What
 * is beyond 255 bytes is cut. The name is copied. A program may set very many; those with
 * a new name each cost memory that is limited, and are lost when it is used up. */
static inline void memoir_mark(const char* name) {
  const memoir_track_table* table = memoir_find_track();
  if (table != NULL && name != NULL) table->mark(name);
}

#ifdef __cplusplus
}
#endif

#endif /* MEMOIR_TRACK_H */

#ifndef MEMOIR_TRACK_H
#define MEMOIR_TRACK_H

/* What a program may say to Memoir, and ask it, while it runs. For C and C++.
 *
 * A program that includes this header needs no library of Memoir's, neither to be linked
 * nor to run. Where Memoir is not loaded, every function does nothing and answers as
 * described under "absent". It is loaded by `memoir run`, by LD_PRELOAD, or by linking
 * memoir::runtime; not in programs that are linked statically. Addresses and sizes are in
 * bytes.
 *
 * Complexity: a load and a comparison where Memoir is not loaded.
 * Thread safety: every function from any thread. Not from signal handlers, but for
 * memoir_pause() and memoir_resume(). errno is preserved.
 * Errors: no function fails in another way than it says.
 * Design: Memoir's own. */

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

/* A place in the source; null and 0 where it is not known. */
typedef struct memoir_place {
  const char* file;
  const char* function;
  uint32_t line;
} memoir_place;

/* What is wrong with the use of a pool. Everything but `kind` may be zero; texts are
 * copied. */
typedef struct memoir_pool_fault {
  size_t bytes;           /* sizeof(memoir_pool_fault) */
  uint32_t kind;          /* the F number of memoir/finding.inc */
  uint32_t pool;          /* as memoir_pool_create() gave it */
  const void* address;    /* that was used, or the first byte found damaged */
  size_t size;            /* of the access, the request or the damage */
  const void* block;      /* that it concerns */
  size_t block_size;      /* as it was asked for */
  uint64_t block_number;  /* no other block of the process has it */
  memoir_place where;     /* of the misuse or the discovery */
  memoir_place allocated; /* of the block */
  memoir_place released;
  uint32_t late; /* done some time before; `where` is where it was found */
  uint32_t reserved;
  const char* pool_kind; /* for messages */
  const char* pool_name;
  const char* text; /* a sentence */
} memoir_pool_fault;

/* What else happens to pools and their blocks, as memoir/pool_event.inc lists it. */
enum memoir_pool_event_kind {
#define MEMOIR_POOL_EVENT(name, upper, number, walks) MEMOIR_POOL_##upper = number,
#include "memoir/pool_event.inc"
#undef MEMOIR_POOL_EVENT
  MEMOIR_POOL_EVENT_KINDS
};

/* One of them. Everything but `kind` and `pool` may be zero; texts are copied. */
typedef struct memoir_pool_event {
  size_t bytes;       /* sizeof(memoir_pool_event) */
  uint32_t pool;      /* as memoir_pool_create() gave it */
  uint32_t kind;      /* enum memoir_pool_event_kind */
  uint64_t count;     /* so many at once, below 2^24; 0 is one */
  const void* block;  /* that it concerns */
  size_t size;        /* in bytes, below 2^40 */
  uint64_t amount;    /* what else is counted: see the list */
  const char* detail; /* a few words, of which a program has few different ones */
  memoir_place where;
} memoir_pool_event;

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
  uint32_t (*pool_create)(const char* kind, const char* name, uint32_t parent);
  void (*pool_name)(uint32_t pool, const char* name);
  void (*pool_alloc)(uint32_t pool, const void* block, size_t size);
  void (*pool_free)(uint32_t pool, const void* block);
  void (*pool_reset)(uint32_t pool);
  void (*pool_destroy)(uint32_t pool);
  void (*pool_backing)(uint32_t pool, const void* memory);
  void (*pool_fault)(const memoir_pool_fault* fault);
  size_t (*live_numbers)(uint64_t* numbers, size_t most);
  size_t (*live_blocks)(const uint64_t* known, size_t known_count, memoir_block* blocks,
                        size_t most);
  size_t (*command)(char* path, size_t most);
  void (*pool_event)(const memoir_pool_event* event);
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

/* The table, if it has functions for pools, too: the runtime may be older than this. */
static inline const memoir_track_table* memoir_find_pools(void) {
  const memoir_track_table* table = memoir_find_track();
  const size_t needed = offsetof(memoir_track_table, pool_fault) + sizeof(void*);
  return table != NULL && table->bytes >= needed ? table : NULL;
}

/* Pools: whatever hands out pieces of memory that it got from elsewhere. Their blocks
 * have call sites, lifetimes and leaks as those of malloc have: views `pools` and
 * `leaks`.
 *
 * A pool is a number, never used again; 0 is none, and ignored everywhere. `kind` says
 * what it is ("arena"), `name` which one; both are copied, and name may be null. `parent`
 * is the pool that it gets its memory from, or 0. Absent, or where 16,777,215 were made:
 * 0. */
static inline uint32_t memoir_pool_create(const char* kind, const char* name,
                                          uint32_t parent) {
  const memoir_track_table* table = memoir_find_pools();
  return table != NULL ? table->pool_create(kind, name, parent) : 0;
}

/* Gives it another name, from here on. */
static inline void memoir_pool_name(uint32_t pool, const char* name) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_name(pool, name);
}

/* A block was handed out: call it afterwards. Blocks of one pool do not overlap; sizes
 * below 2^40 are recorded exactly. */
static inline void memoir_pool_alloc(uint32_t pool, const void* block, size_t size) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_alloc(pool, block, size);
}

/* A block will be taken back: call it before others can get it. */
static inline void memoir_pool_free(uint32_t pool, const void* block) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_free(pool, block);
}

/* All its blocks will be taken back at once: call it before others can get them. */
static inline void memoir_pool_reset(uint32_t pool) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_reset(pool);
}

/* The pool is gone, with all its blocks; those that were live are no leaks. */
static inline void memoir_pool_destroy(uint32_t pool) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_destroy(pool);
}

/* A live block of malloc's holds the pool's blocks: it is counted as memory, but is no
 * leak of its own when it is never freed, because the pool's blocks tell more. */
static inline void memoir_pool_backing(uint32_t pool, const void* memory) {
  const memoir_track_table* table = memoir_find_pools();
  if (table != NULL && pool != 0) table->pool_backing(pool, memory);
}

/* Reports something wrong with its use: as memory errors are reported, with the call
 * stack of this moment. Returns whether somebody does; absent: 0. */
static inline int memoir_pool_report(const memoir_pool_fault* fault) {
  const memoir_track_table* table = memoir_find_pools();
  if (table == NULL || !table->is_recording()) return 0;
  table->pool_fault(fault);
  return 1;
}

/* Whether memoir_pool_tell() would tell anybody. */
static inline int memoir_tells_pool_events(void) {
  const memoir_track_table* table = memoir_find_track();
  const size_t needed = offsetof(memoir_track_table, pool_event) + sizeof(void*);
  return table != NULL && table->bytes >= needed;
}

/* Something else happened to the pool or to a block of it: view `pool_events`. What is
 * alike (kind, detail, thread and place) is one row there, however often it happens. */
static inline void memoir_pool_tell(const memoir_pool_event* event) {
  if (memoir_tells_pool_events() && event->pool != 0) {
    memoir_find_track()->pool_event(event);
  }
}

/* The table, if it can list blocks, too. */
static inline const memoir_track_table* memoir_find_lists(void) {
  const memoir_track_table* table = memoir_find_track();
  const size_t needed = offsetof(memoir_track_table, command) + sizeof(void*);
  return table != NULL && table->bytes >= needed ? table : NULL;
}

/* What a number is that nobody knows. */
#define MEMOIR_UNKNOWN ((size_t)-1)

/* The numbers of all live blocks, in no order: what is live now is told from what is made
 * later by them (memoir/expect_no_leaks.h). How many there are; at most `most` of them
 * are put into `numbers`, which may be null when that is 0. Absent, or without the
 * checked heap: MEMOIR_UNKNOWN. */
static inline size_t memoir_live_numbers(uint64_t* numbers, size_t most) {
  const memoir_track_table* table = memoir_find_lists();
  return table != NULL ? table->live_numbers(numbers, most) : MEMOIR_UNKNOWN;
}

/* The live blocks but for those with a number in `known`, which is sorted, ascending. How
 * many there are, as above. */
static inline size_t memoir_live_blocks(const uint64_t* known, size_t known_count,
                                        memoir_block* blocks, size_t most) {
  const memoir_track_table* table = memoir_find_lists();
  if (table == NULL) return MEMOIR_UNKNOWN;
  return table->live_blocks(known, known_count, blocks, most);
}

/* Where the memoir command is, with a zero behind it if it fits: `memoir lines` tells
 * names and lines of addresses. Its length; absent, or where none is found: 0. */
static inline size_t memoir_command(char* path, size_t most) {
  const memoir_track_table* table = memoir_find_lists();
  return table != NULL ? table->command(path, most) : 0;
}

/* A program that links memoir::runtime or memoir::runtime_static may define this: options
 * as MEMOIR_OPTIONS has them ("mode=guard:on_fault=abort"), which goes first where it
 * says otherwise; so does `memoir run`. Called before main() and before constructors ran,
 * more than once: it returns a literal, and does nothing else. */
__attribute__((visibility("default"))) const char* memoir_default_options(void);

#ifdef __cplusplus
}
#endif

#endif /* MEMOIR_TRACK_H */

// One byte too many, behind what each function of C gives, found when the block is freed.
//
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 10-byte block
//   alloc: malloc: from_malloc@malloc < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 15-byte block
//   alloc: calloc: from_calloc@calloc < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 48-byte block
//   alloc: realloc: from_realloc@realloc < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 77-byte block
//   alloc: reallocarray: from_reallocarray@reallocarray < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 192-byte block
//   alloc: aligned_alloc: from_aligned_alloc@aligned_alloc < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 100-byte block
//   alloc: posix_memalign: from_posix_memalign@posix_memalign < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 4090-byte block
//   alloc: memalign: from_memalign@memalign < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 30-byte block
//   alloc: valloc: from_valloc@valloc < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 1048580-byte block
//   alloc: malloc: huge@huge < main
//   found: free: give_back@free < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 5-byte block
//   alloc: malloc: from_strdup@strdup < main
//   found: free: give_back@free < main
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))

static APART void write_one(char* block, long at) {
  *(volatile char*)(block + at) = '\0';
}

static APART void give_back(void* block) {
  free(block);  // mark: free
}

static APART char* from_malloc(void) {
  return malloc(10);  // mark: malloc
}

static APART char* from_calloc(void) {
  return calloc(3, 5);  // mark: calloc
}

static APART char* from_realloc(void) {
  void* block = malloc(10);
  return realloc(block, 48);  // mark: realloc
}

static APART char* from_reallocarray(void) {
  return reallocarray(NULL, 7, 11);  // mark: reallocarray
}

static APART char* from_aligned_alloc(void) {
  return aligned_alloc(64, 192);  // mark: aligned_alloc
}

static APART char* from_posix_memalign(void) {
  void* block = NULL;
  posix_memalign(&block, 256, 100);  // mark: posix_memalign
  return block;
}

static APART char* from_memalign(void) {
  return memalign(32, 4090);  // mark: memalign
}

static APART char* from_valloc(void) {
  return valloc(30);  // mark: valloc
}

static APART char* huge(void) {
  return malloc((1 << 20) + 4);  // mark: huge
}

static APART char* from_strdup(void) {
  return strdup("four");  // mark: strdup
}

int main(void) {
  struct {
    char* block;
    long size;
  } made[] = {{from_malloc(), 10},         {from_calloc(), 15},
              {from_realloc(), 48},        {from_reallocarray(), 77},
              {from_aligned_alloc(), 192}, {from_posix_memalign(), 100},
              {from_memalign(), 4090},     {from_valloc(), 30},
              {huge(), (1 << 20) + 4},     {from_strdup(), 5}};
  for (int i = 0; i < 10; ++i) {
    write_one(made[i].block, made[i].size);
    give_back(made[i].block);
  }
  return 0;
}

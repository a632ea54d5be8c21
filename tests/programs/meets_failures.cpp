// Allocates in every way, looks whether it got memory, and goes on without. Writes how
// many of each kind failed. An argument: how often.
#include <malloc.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

int g_failed[10];
int g_wrong = 0;

void note(int kind, void* block) {
  if (block == nullptr) {
    ++g_failed[kind];
    if (kind < 5 && errno != ENOMEM) ++g_wrong;
  }
  errno = 0;
}

__attribute__((noinline)) void small_ones() {
  void* block = std::malloc(100);
  note(0, block);
  std::free(block);
  block = std::calloc(10, 10);
  note(1, block);
  std::free(block);
}

__attribute__((noinline)) void large_ones() {
  char* block = static_cast<char*>(std::malloc(5000));
  note(0, block);
  if (block != nullptr) std::strcpy(block, "kept");
  void* moved = std::realloc(block, 9000);
  note(2, moved);
  // What could not grow is as it was.
  if (moved == nullptr && block != nullptr && std::strcmp(block, "kept") != 0) ++g_wrong;
  std::free(moved != nullptr ? moved : block);
}

__attribute__((noinline)) void aligned_ones() {
  void* block = std::aligned_alloc(64, 128);
  note(3, block);
  std::free(block);
  block = memalign(64, 128);
  note(4, block);
  std::free(block);
  void* untouched = &block;
  block = untouched;
  errno = 7;
  const int error = posix_memalign(&block, 64, 128);
  if (errno != 7) ++g_wrong;
  if (error == 0) {
    std::free(block);
  } else {
    if (error != ENOMEM || block != untouched) ++g_wrong;
    ++g_failed[5];
  }
}

// Called as functions: a compiler may leave out what an expression makes and deletes.
template <typename... Arguments>
void call_new(int kind, std::size_t size, Arguments... arguments) {
  try {
    void* block = ::operator new(size, arguments...);
    note(kind, block);
    ::operator delete(block, arguments...);
  } catch (const std::bad_alloc&) {
    ++g_failed[kind];
  }
}

__attribute__((noinline)) void new_ones() {
  constexpr std::align_val_t kWide{64};
  call_new(6, 1);
  try {
    void* block = ::operator new[](50);
    ::operator delete[](block);
  } catch (const std::bad_alloc&) {
    ++g_failed[6];
  }
  call_new(7, 30, std::nothrow);
  call_new(8, 64, kWide);
  call_new(9, 64, kWide, std::nothrow);
}

}  // namespace

int main(int, char** words) {
  const int rounds = std::atoi(words[1]);
  for (int i = 0; i < rounds; ++i) {
    small_ones();
    large_ones();
    aligned_ones();
    new_ones();
  }
  const char* names[] = {"malloc",   "calloc",         "realloc", "aligned_alloc",
                         "memalign", "posix_memalign", "new",     "nothrow",
                         "aligned",  "aligned_nothrow"};
  for (int i = 0; i < 10; ++i) std::printf("%s=%d\n", names[i], g_failed[i]);
  return g_wrong == 0 ? 0 : 1;
}

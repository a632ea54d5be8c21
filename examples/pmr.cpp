// Standard containers on arenas and pools: each is a std::pmr::memory_resource.

#include <cstdio>
#include <memory_resource>
#include <string>
#include <unordered_map>
#include <vector>

#include "memoir/arena.h"
#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"

int main() {
  // All of it goes at once, however many strings there are.
  memoir::arena scratch(64 * 1024);
  {
    std::pmr::vector<std::pmr::string> words{&scratch};
    for (const char* word : {"the", "quick", "brown", "fox"}) words.emplace_back(word);
    std::printf("%zu words, the last is %s\n", words.size(), words.back().c_str());
  }
  scratch.reset();
  std::printf("%zu bytes of the arena in use\n", scratch.position());

  // Nodes of a map come and go: a pool hands the same ones out again.
  memoir::system_allocator memory;
  memoir::memory_pool pool{memory};
  std::pmr::unordered_map<int, int> squares{&pool};
  for (int round = 0; round < 10; ++round) {
    MEMOIR_SITE_SCOPE();  // what containers allocate from here on is this line's
    for (int i = 0; i < 100; ++i) squares[i] = i * i;
    squares.clear();
  }
  std::printf("mostly used again: %s\n",
              pool.stats().hits > 9 * pool.stats().misses / 2 ? "yes" : "no");
}

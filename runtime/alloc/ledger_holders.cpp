// Who has the blocks of a pool, in one line.

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "alloc/ledger.h"

namespace memoir::records {

std::size_t ledger::describe_live(char* text, std::size_t size) const {
  struct holder {
    source_place place;
    std::size_t blocks;
  };
  pages<holder> holders;
  {
    const std::lock_guard lock{mutex_};
    blocks_.each([&](const block_entry& entry) {
      if (entry.state != block_state::live) return;
      for (holder& one : holders) {
        if (one.place.line == entry.allocated.line &&
            std::strcmp(one.place.file, entry.allocated.file) == 0) {
          ++one.blocks;
          return;
        }
      }
      holders.push_back({entry.allocated, 1});
    });
  }
  // Most blocks first; the order of the table means nothing.
  std::sort(holders.begin(), holders.end(), [](const holder& a, const holder& b) {
    return a.blocks != b.blocks ? a.blocks > b.blocks : a.place.line < b.place.line;
  });
  std::size_t length = 0;
  if (size != 0) *text = '\0';
  for (const holder& one : holders) {
    if (length + 1 >= size) break;
    const int written = std::snprintf(text + length, size - length, "%s%zu at %s:%u",
                                      length != 0 ? ", " : "", one.blocks, one.place.file,
                                      one.place.line);
    length = std::min(size - 1, length + static_cast<std::size_t>(std::max(written, 0)));
  }
  return length;
}

}  // namespace memoir::records

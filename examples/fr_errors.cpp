// Every way in which a pool says no.
// Rows: FR-E7

#include <cstdio>
#include <memory_resource>
#include <stdexcept>

#include "memoir/sized_pool.h"

namespace {

void print(const char* what, memoir::errc error) {
  std::printf("%s: %s\n", what, memoir::message_of(error));
}

}  // namespace

int main() {
  memoir::sized_pool pool;
  if (const auto none = pool.try_acquire(0); !none) print("0 bytes", none.error());

  const auto huge = pool.try_acquire(~std::size_t{0});
  if (!huge) print("all there are", huge.error());

  memoir::sized_pool one{{.max_outstanding = 1}};
  auto held = one.acquire(100);
  if (const auto second = one.try_acquire(100); !second) print("second", second.error());

  memoir::sized_pool empty{{}, std::pmr::null_memory_resource()};
  if (const auto any = empty.try_acquire(100); !any) print("no memory", any.error());

  if (const auto bad = memoir::sized_pool::make({.alignment = 3}); !bad) {
    print("alignment 3", bad.error());
  }
  try {
    memoir::sized_pool bad{{.alignment = 3}};
  } catch (const std::invalid_argument& wrong) {
    std::printf("%s\n", wrong.what());
  }
  // Its buffer stays with the caller; with tracking it is told on stderr, too.
  if (const auto back = pool.give_back(held); !back) print("foreign", back.error());
  std::printf("%s\n", held.valid() ? "still held" : "gone");
}

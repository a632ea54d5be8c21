#include "analyze/filter_names.h"

#include <utility>

namespace memoir {

FilterNames load_filter_names(Database& database, Stacks stacks) {
  FilterNames names;
  names.stacks = std::move(stacks);
  const auto small = [](const Statement& row, int column) {
    return static_cast<std::uint32_t>(row.integer(column));
  };
  Statement threads =
      database.prepare("SELECT process, thread, tid, name FROM thread ORDER BY 1, 2");
  while (threads.step()) {
    names.threads.push_back({{small(threads, 0)},
                             small(threads, 1),
                             threads.integer(2),
                             std::string(threads.text(3))});
  }
  Statement pools =
      database.prepare("SELECT process, id, kind, name FROM pool ORDER BY 1, 2");
  while (pools.step()) {
    names.pools.push_back({{small(pools, 0)},
                           small(pools, 1),
                           std::string(pools.text(2)),
                           std::string(pools.text(3))});
  }
  Statement apis = database.prepare("SELECT id, name FROM api ORDER BY id");
  constexpr std::int64_t kMostApis = 1 << 16;
  while (apis.step()) {
    const std::int64_t id = apis.integer(0);
    if (id < 0 || id >= kMostApis) continue;
    if (id >= static_cast<std::int64_t>(names.apis.size())) {
      names.apis.resize(static_cast<std::size_t>(id) + 1);
    }
    names.apis[static_cast<std::size_t>(id)] = apis.text(1);
  }
  return names;
}

}  // namespace memoir

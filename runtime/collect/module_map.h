#pragma once

// Which module lies where in one process, now. Loads and unloads change it in the order
// of events, so that an address is resolved by what was there when it was recorded.
//
// Thread safety: one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "trace/ids.h"

namespace memoir {

struct MappedModule {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t bias = 0;
  ModuleId module;
  std::int64_t load_id = 0;  // of its module_load row
};

class ModuleMap {
 public:
  // What it overlaps is taken as gone.
  void load(const MappedModule& module);
  // The module that began there, which is then forgotten.
  std::optional<MappedModule> unload(std::uint64_t begin);
  const MappedModule* find(std::uint64_t address) const;

 private:
  std::vector<MappedModule> modules_;  // by begin
};

}  // namespace memoir

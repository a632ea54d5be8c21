#include "collect/module_map.h"

#include <algorithm>

namespace memoir {
namespace {

bool begins_before(const MappedModule& a, std::uint64_t address) {
  return a.begin < address;
}

}  // namespace

void ModuleMap::load(const MappedModule& module) {
  if (module.begin >= module.end) return;
  std::erase_if(modules_, [&](const MappedModule& other) {
    return other.begin < module.end && module.begin < other.end;
  });
  modules_.insert(
      std::lower_bound(modules_.begin(), modules_.end(), module.begin, begins_before),
      module);
}

std::optional<MappedModule> ModuleMap::unload(std::uint64_t begin) {
  const auto at =
      std::lower_bound(modules_.begin(), modules_.end(), begin, begins_before);
  if (at == modules_.end() || at->begin != begin) return std::nullopt;
  const MappedModule gone = *at;
  modules_.erase(at);
  return gone;
}

const MappedModule* ModuleMap::find(std::uint64_t address) const {
  const auto after =
      std::upper_bound(modules_.begin(), modules_.end(), address,
                       [](std::uint64_t value, const MappedModule& module) {
                         return value < module.begin;
                       });
  if (after == modules_.begin()) return nullptr;
  const MappedModule& module = *std::prev(after);
  return address < module.end ? &module : nullptr;
}

}  // namespace memoir

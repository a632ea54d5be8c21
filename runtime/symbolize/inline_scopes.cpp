#include "symbolize/inline_scopes.h"

#include <dwarf.h>

#include <cstddef>

namespace memoir {
namespace {

constexpr int kDeepest = 256;

}  // namespace

InlineScopes::InlineScopes(const DieReader& reader, Dwarf_Off function) {
  read(reader, function, 0);
}

bool InlineScopes::Scope::contains(Dwarf_Addr address) const {
  for (const auto& [begin, end_address] : ranges) {
    if (address >= begin && address < end_address) return true;
  }
  return false;
}

void InlineScopes::read(const DieReader& reader, Dwarf_Off parent, int depth) {
  if (depth > kDeepest) return;
  reader.each_child(parent, [&](const DieEntry& child) {
    if (child.tag != DW_TAG_inlined_subroutine && child.tag != DW_TAG_lexical_block &&
        child.tag != DW_TAG_subprogram) {
      return true;
    }
    Scope scope{child.offset, child.tag == DW_TAG_lexical_block, 0, {}};
    reader.ranges(child, scope.ranges);
    if (scope.ranges.empty()) return true;
    const std::size_t index = scopes_.size();
    scopes_.push_back(std::move(scope));
    read(reader, child.offset, depth + 1);
    scopes_[index].end = static_cast<std::uint32_t>(scopes_.size());
    return true;
  });
}

void InlineScopes::find(Dwarf_Addr address, std::vector<Dwarf_Off>& chain) const {
  std::size_t limit = scopes_.size();
  for (std::size_t i = 0; i < limit;) {
    const Scope& scope = scopes_[i];
    if (!scope.contains(address)) {
      i = scope.end;
      continue;
    }
    if (!scope.is_block) chain.push_back(scope.entry);
    limit = scope.end;
    ++i;
  }
}

}  // namespace memoir

#include "symbolize/inline_scopes.h"

#include <dwarf.h>

#include <cstddef>

namespace memoir {
namespace {

constexpr int kDeepest = 256;

}  // namespace

InlineScopes::InlineScopes(Dwarf_Die function) { read(function, 0); }

bool InlineScopes::Scope::contains(Dwarf_Addr address) const {
  for (const auto& [begin, end_address] : ranges) {
    if (address >= begin && address < end_address) return true;
  }
  return false;
}

void InlineScopes::read(Dwarf_Die parent, int depth) {
  Dwarf_Die child;
  if (depth > kDeepest || dwarf_child(&parent, &child) != 0) return;
  do {
    const int tag = dwarf_tag(&child);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block &&
        tag != DW_TAG_subprogram) {
      continue;
    }
    Scope scope{child, tag == DW_TAG_lexical_block, 0, {}};
    Dwarf_Addr base = 0, begin = 0, end = 0;
    std::ptrdiff_t at = 0;
    while ((at = dwarf_ranges(&child, at, &base, &begin, &end)) > 0) {
      scope.ranges.emplace_back(begin, end);
    }
    if (scope.ranges.empty()) continue;
    const std::size_t index = scopes_.size();
    scopes_.push_back(std::move(scope));
    read(child, depth + 1);
    scopes_[index].end = static_cast<std::uint32_t>(scopes_.size());
  } while (dwarf_siblingof(&child, &child) == 0);
}

void InlineScopes::find(Dwarf_Addr address, std::vector<Dwarf_Die>& chain) const {
  std::size_t limit = scopes_.size();
  for (std::size_t i = 0; i < limit;) {
    const Scope& scope = scopes_[i];
    if (!scope.contains(address)) {
      i = scope.end;
      continue;
    }
    if (!scope.is_block) chain.push_back(scope.die);
    limit = scope.end;
    ++i;
  }
}

}  // namespace memoir

#include "symbolize/symbol_index.h"

#include <algorithm>
#include <cstring>

namespace memoir {

// Of several names for one function: the one that people call it by.
bool SymbolIndex::is_better(const Symbol& a, const Symbol& b) {
  const auto underscores = [](const char* name) {
    return std::strncmp(name, "_Z", 2) == 0 ? 0 : std::strspn(name, "_");
  };
  if (underscores(a.name) != underscores(b.name)) {
    return underscores(a.name) < underscores(b.name);
  }
  if (a.weak != b.weak) return !a.weak;
  return std::strcmp(a.name, b.name) < 0;
}

SymbolIndex::SymbolIndex(Dwfl_Module* module) {
  const int count = dwfl_module_getsymtab(module);
  for (int i = 1; i < count; ++i) {
    GElf_Sym symbol;
    GElf_Addr address = 0;
    GElf_Word section = 0;
    Elf* elf = nullptr;
    Dwarf_Addr bias = 0;
    const char* name =
        dwfl_module_getsym_info(module, i, &symbol, &address, &section, &elf, &bias);
    const int type = GELF_ST_TYPE(symbol.st_info);
    if (name == nullptr || *name == '\0' || symbol.st_size == 0 || section == SHN_UNDEF ||
        (type != STT_FUNC && type != STT_GNU_IFUNC)) {
      continue;
    }
    symbols_.push_back({address, address + symbol.st_size, name,
                        GELF_ST_BIND(symbol.st_info) == STB_WEAK});
  }
  std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
    return a.begin != b.begin ? a.begin < b.begin : is_better(a, b);
  });
  const auto end =
      std::unique(symbols_.begin(), symbols_.end(),
                  [](const Symbol& a, const Symbol& b) { return a.begin == b.begin; });
  symbols_.erase(end, symbols_.end());
}

std::string SymbolIndex::find(std::uint64_t address) const {
  auto it = std::upper_bound(
      symbols_.begin(), symbols_.end(), address,
      [](std::uint64_t a, const Symbol& symbol) { return a < symbol.begin; });
  // A function can lie inside another one's range.
  for (int steps = 0; it != symbols_.begin() && steps < 8; ++steps) {
    --it;
    if (address < it->end) return it->name;
  }
  return {};
}

}  // namespace memoir

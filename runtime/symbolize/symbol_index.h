#pragma once

// The functions of one module's symbol table, sorted, so that a lookup does not walk all
// of them as libdwfl's does: libraries have a hundred thousand.
//
// Thread safety: none.

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <string>
#include <vector>

namespace memoir {

class SymbolIndex {
 public:
  // Reads .symtab, .gnu_debugdata and .dynsym, whichever the module has. The names stay
  // where they are, so `module` must outlive this.
  explicit SymbolIndex(Dwfl_Module* module);

  // The linker's name of the function that holds the address, or "". A symbol without a
  // size holds nothing: of a stripped file only the exported symbols are left, and the
  // nearest of them is not the function.
  std::string find(std::uint64_t address) const;

 private:
  struct Symbol {
    std::uint64_t begin, end;
    const char* name;
    bool weak;
  };

  static bool is_better(const Symbol& a, const Symbol& b);

  std::vector<Symbol> symbols_;  // one for each begin
};

}  // namespace memoir

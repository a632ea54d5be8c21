#pragma once

// The functions inlined into one function, read once: asking libdw anew for each address
// walks the same entries again, thousands of them in an interpreter's main loop.
//
// Thread safety: none.

#include <elfutils/libdw.h>

#include <cstdint>
#include <vector>

#include "symbolize/die_reader.h"

namespace memoir {

class InlineScopes {
 public:
  InlineScopes(const DieReader& reader, Dwarf_Off function);

  // The entries of the functions inlined at `address`, outermost first, appended.
  void find(Dwarf_Addr address, std::vector<Dwarf_Off>& chain) const;

 private:
  // A block or inlined function, in the order of the tree; what it contains follows it.
  struct Scope {
    Dwarf_Off entry;
    bool is_block;
    std::uint32_t end;  // the index after the last one it contains
    CodeRanges ranges;

    bool contains(Dwarf_Addr address) const;
  };

  void read(const DieReader& reader, Dwarf_Off parent, int depth);

  std::vector<Scope> scopes_;
};

}  // namespace memoir

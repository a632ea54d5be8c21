#pragma once

// The functions inlined into one function, read once: asking libdw anew for each address
// walks the same entries again, thousands of them in an interpreter's main loop.
//
// Thread safety: none.

#include <elfutils/libdw.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace memoir {

class InlineScopes {
 public:
  explicit InlineScopes(Dwarf_Die function);

  // The functions inlined at `address`, outermost first, appended to `chain`.
  void find(Dwarf_Addr address, std::vector<Dwarf_Die>& chain) const;

 private:
  // A block or inlined function, in the order of the tree; what it contains follows it.
  struct Scope {
    Dwarf_Die die;
    bool is_block;
    std::uint32_t end;  // the index after the last one it contains
    std::vector<std::pair<Dwarf_Addr, Dwarf_Addr>> ranges;

    bool contains(Dwarf_Addr address) const;
  };

  void read(Dwarf_Die parent, int depth);

  std::vector<Scope> scopes_;
};

}  // namespace memoir

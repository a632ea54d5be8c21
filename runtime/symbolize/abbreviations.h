#pragma once

// The abbreviations of one DWARF unit, made into what is to be done with the bytes of an
// entry: pass over so many, keep an address. Entries are read by the ten thousand, for
// the few that say where code lies.
//
// Thread safety: const functions from any thread. Errors: none; a table that makes no
// sense ends early.

#include <elfutils/libdw.h>

#include <cstdint>
#include <span>
#include <vector>

#include "symbolize/byte_cursor.h"
#include "symbolize/dwarf_sections.h"

namespace memoir {

// What the sizes of a unit's values depend on.
struct DieSizes {
  std::uint8_t address = 8, offset = 4;
  std::uint16_t version = 4;
};

struct DieStep {
  enum class Kind : std::uint8_t {
    kSkip,          // so many bytes
    kSkipNumber,    // a LEB128 number
    kSkipString,    // up to a zero
    kSkipBlock,     // so many bytes hold a length, and that many follow
    kSkipAnyBlock,  // a LEB128 number holds the length
    kBegin,         // of the code; so many bytes
    kEnd,           // the same
    kLength,        // the end, counted from the beginning
    kSibling,       // counted from the beginning of the unit
    kRanges,        // where the list is, in its section
    kIndirect,      // a number says what follows
    kUnknown,       // the rest of the entry cannot be read
  };
  Kind kind = Kind::kUnknown;
  bool asks_libdw = false;  // says where code lies, in a way that is not understood here
  std::uint16_t name = 0;   // of kIndirect
  std::uint32_t bytes = 0;

  static DieStep of(unsigned name, unsigned form, DieSizes sizes);
};

class Abbreviations {
 public:
  struct Entry {
    std::uint16_t tag = 0;
    bool has_children = false;
    bool asks_libdw = false;
    std::uint32_t first = 0, count = 0;
  };

  // `only`: the code of the one that is needed; 0: all are.
  void read(SectionBytes section, std::uint64_t offset, DieSizes sizes,
            std::uint64_t only = 0);
  // Those of a unit whose section is not known.
  void read(Dwarf_Die& unit, DieSizes sizes);

  // Null: there is none with this code.
  const Entry* find(std::uint64_t code) const {
    if (code >= entries_.size() || entries_[code].tag == 0) return nullptr;
    return &entries_[code];
  }
  std::span<const DieStep> steps(const Entry& entry) const {
    return {steps_.data() + entry.first, entry.count};
  }

 private:
  void begin(Entry& entry) const;
  void add(Entry& entry, unsigned name, unsigned form, DieSizes sizes);
  bool keep(std::uint64_t code, Entry& entry);

  std::vector<Entry> entries_;  // by code
  std::vector<DieStep> steps_;
};

}  // namespace memoir

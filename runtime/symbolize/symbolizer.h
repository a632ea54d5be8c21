#pragma once

// From an address in a module to what people read: functions, files and lines, with the
// functions that were inlined there.
//
// Sources of knowledge, best first: DWARF (the file's own, or a separate debug file found
// by build id or debug link), the symbol table (.symtab, .gnu_debugdata, .dynsym), and at
// last module+0xoffset. A file that is gone, or is not the one that ran (another build
// id), is not consulted: no name is better than a wrong one.
//
// Thread safety: each object one thread at a time. libdw is not made for more than one
// thread in all: threads wait for each other, for one look-up at most. Errors: none; what
// cannot be known is said as module+0xoffset.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "symbolize/frame_role.h"

namespace memoir {

struct LogicalFrame {
  std::string function = {};  // demangled, or module+0xoffset
  std::string file = {};      // "" when unknown
  int line = 0;               // 0 when unknown
  bool inlined = false;       // into the next one
  FrameRole role = FrameRole::kProgram;

  friend bool operator==(const LogicalFrame&, const LogicalFrame&) = default;
};

// Looks up addresses of one module. Neighbouring addresses one after the other are
// quickest.
class Symbolizer {
 public:
  // `build_id` in hex, or empty when it is not known.
  Symbolizer(std::string_view module_path, std::string_view build_id);
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  // Whether the module's file is there and is the one that ran.
  bool has_file() const;

  // Whether the files it reads, the module's and that of its debug information, are what
  // they were when they were opened. Otherwise nothing may be looked up any more.
  bool files_unchanged() const;

  // `return_address` is a virtual address of the file and the address after the call.
  // Innermost first, at least one frame; all but the last are inlined.
  std::vector<LogicalFrame> lookup(std::uint64_t return_address);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace memoir

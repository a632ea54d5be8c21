#pragma once

// What every address of a trace means: the functions that it lies in, with their files,
// lines and modules, as numbers that compare quickly.
//
//   frame 7 ──> lines: parse_token (inlined) ── parse_line ── parse      innermost first
//
// Every frame has a line: one without symbols is called module+0xoffset.
//
// Thread safety: filled by one thread; afterwards any number may read. Errors: loading
// throws Error (kTrace).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/name_table.h"
#include "analyze/stacks.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// As `frame_line.skip` says it. Stacks are attributed to frames of the program.
enum class FrameClass : std::uint8_t {
  kProgram = 0,
  kAllocator = 1,
  kMemoir = 2,
  kLibcInternal = 3,
  kLibcGiver = 4,
};

struct FrameLine {
  NameId function, file;
  std::uint32_t line = 0;  // 0: unknown
  ModuleId module;
  FrameClass frame_class = FrameClass::kProgram;
  bool inlined = false;  // into the next line
  bool named = false;    // by a symbol; otherwise `function` says module and offset

  friend bool operator==(const FrameLine&, const FrameLine&) = default;
};

class FrameTable {
 public:
  struct Module {
    NameId path, name;  // the name is the last part of the path
    std::string build_id;
    bool system = false;  // is_system_module(path)
  };

  FrameTable() : modules_(1), line_begins_(2, 0), addresses_(1), frame_modules_(1) {}

  // Adds all modules and frames of a trace. `name`: for traces that are still written.
  void load(Database& database, const FrameNamer& name = {});

  // Modules and frames may be added in any way that keeps frames in order: a frame's
  // number is at least the number of frames.
  ModuleId add_module(std::string_view path, std::string_view build_id = {});
  void add_frame(FrameId frame, ModuleId module, std::uint64_t address,
                 std::span<const FrameLine> lines);
  // Of a frame whose lines are several: none.
  void forget_line_number(FrameId frame, std::size_t line);
  FrameId next_frame() const { return {static_cast<std::uint32_t>(addresses_.size())}; }
  NameTable& names() { return names_; }

  const NameTable& names() const { return names_; }
  std::string_view text(NameId name) const { return names_.text(name); }

  // Frames are the numbers below this one; modules likewise.
  std::size_t frames() const { return addresses_.size(); }
  std::size_t modules() const { return modules_.size(); }

  // Those of all frames.
  std::span<const FrameLine> all_lines() const { return lines_; }
  // Innermost first; none of an unknown frame.
  std::span<const FrameLine> lines(FrameId frame) const;
  // The line that stands for the frame where a stack is attributed to it: its innermost
  // one of the program, otherwise its outermost. Null of an unknown frame.
  const FrameLine* place(FrameId frame) const;
  ModuleId module_of(FrameId frame) const;
  // The return address, relative to the module.
  std::uint64_t address(FrameId frame) const;
  // That of no module where it is unknown.
  const Module& module(ModuleId module) const;

 private:
  void load_modules(Database& database);
  void load_frames(Database& database, const FrameNamer& name);
  FrameLine nameless(ModuleId module, std::uint64_t address);

  NameTable names_;
  std::vector<Module> modules_;  // by number
  std::vector<FrameLine> lines_;
  std::vector<std::uint32_t> line_begins_;  // by frame, and one more
  std::vector<std::uint64_t> addresses_;    // by frame
  std::vector<ModuleId> frame_modules_;     // by frame
};

// Whether it came with the system: a library or program of /usr, /lib, the kernel.
bool is_system_module(std::string_view path);

}  // namespace memoir

#pragma once

// The line table of one unit, read straight from .debug_line. libdw makes a list entry of
// every row, sorts them all, and copies them; for the few addresses that are asked for,
// that was most of what symbolizing cost. The answers are libdw's.
//
// Thread safety: none. Errors: none; a table that uses
// what compilers for x86-64 do not write, or that makes no sense, is not understood, and
// the caller asks libdw.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbolize/byte_cursor.h"
#include "symbolize/dwarf_sections.h"

namespace memoir {

class LineTable {
 public:
  struct Row {
    std::uint64_t address;
    std::int32_t line;
    std::uint32_t file : 31;
    std::uint32_t ends_sequence : 1;
  };

  // Of the unit with this DW_AT_stmt_list and DW_AT_comp_dir ("" when it says none).
  static std::optional<LineTable> read(const DwarfSections& sections,
                                       std::uint64_t offset, std::string_view directory);

  // The row that an address belongs to, or null; until it is asked again.
  const Row* find(std::uint64_t address);

  // Files are numbered as their version of DWARF numbers them.
  std::size_t files() const { return files_.size(); }
  // As it is said: not made shorter. `index` < files().
  std::string file(std::size_t index) const;

 private:
  struct Header {
    std::uint16_t version = 0;
    bool is_wide = false;  // 64-bit DWARF
    std::uint8_t instruction_bytes = 1, line_range = 0, opcode_base = 0;
    std::int8_t line_base = 0;
    const std::uint8_t* operands = nullptr;  // of standard opcode n at [n - 1]
    const std::uint8_t* files = nullptr;
    const std::uint8_t* program = nullptr;
    const std::uint8_t* end = nullptr;
  };
  struct File {
    std::string_view name;
    std::size_t directory;
  };
  // Rows of neighbouring addresses, up to the end that is said.
  struct Sequence {
    std::uint64_t begin, end;
    std::size_t first, last;  // in rows_
    bool is_sorted;
  };
  // Sequences that overlap. Mostly there is one; what the linker threw away lies all at
  // 0.
  struct Cluster {
    std::uint64_t begin;
    std::size_t first, last;  // in sequences_
    std::vector<Row> sorted;  // once asked for; of one that is sorted anyway: none
  };
  enum class Content : std::uint8_t { kOther, kPath, kDirectory };
  struct Field {
    Content content;
    unsigned form;
  };

  static bool read_header(const DwarfSections& sections, std::uint64_t offset,
                          Header& header);
  bool read_old_files(const Header& header, std::string_view directory);
  bool read_files(const Header& header, const DwarfSections& sections);
  static bool read_fields(ByteCursor& cursor, std::vector<Field>& fields);
  static File read_file(ByteCursor& cursor, const std::vector<Field>& fields,
                        const Header& header, const DwarfSections& sections);
  bool run(const Header& header);
  void add_sequence(std::size_t first);
  void make_clusters();
  std::span<const Row> rows_of(Cluster& cluster);

  std::vector<std::string_view> directories_;
  std::vector<File> files_;
  std::vector<Row> rows_;            // as they come
  std::vector<Sequence> sequences_;  // by begin
  std::vector<Cluster> clusters_;    // by begin
};

}  // namespace memoir

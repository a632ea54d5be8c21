#include "symbolize/line_table.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <initializer_list>

#include "symbolize/die_reader.h"
#include "symbolize/unit_lines.h"
#include "unit/symbolize/compiled_fixture.h"

namespace memoir {
namespace {

// Little endian, and numbers that fit into one byte of LEB128.
class Bytes {
 public:
  Bytes& put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) bytes_.push_back(static_cast<std::uint8_t>(byte));
    return *this;
  }
  Bytes& word(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    }
    return *this;
  }
  Bytes& text(const char* text) {
    do bytes_.push_back(static_cast<std::uint8_t>(*text));
    while (*text++ != '\0');
    return *this;
  }
  Bytes& append(const Bytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::uint8_t>& all() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Rows at `begin`, and four bytes further each; `lines` are what they say.
Bytes sequence(std::uint64_t begin, std::initializer_list<int> lines) {
  Bytes program;
  program.put({0, 9, 2}).word(begin, 8);  // set_address
  int now = 1;
  for (const int line : lines) {
    program.put({3, (line - now) & 127, 1});  // advance_line, copy
    now = line;
    program.put({2, 4});  // advance_pc
  }
  return program.put({0, 1, 1});  // end_sequence
}

// A table of version 4: /made is where it was compiled, a.c is in it, b.c in /other.
Bytes table(const Bytes& program) {
  Bytes header;
  header.put({1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1});
  header.text("/other").text("");
  header.text("a.c").put({0, 0, 0}).text("b.c").put({1, 0, 0}).text("");
  Bytes rest;
  rest.word(4, 2).word(header.size(), 4).append(header).append(program);
  return Bytes().word(rest.size(), 4).append(rest);
}

std::optional<LineTable> read(const std::vector<std::uint8_t>& bytes) {
  DwarfSections sections;
  sections.line = bytes;
  return LineTable::read(sections, 0, "/made");
}

int line_at(LineTable& table, std::uint64_t address) {
  const LineTable::Row* row = table.find(address);
  return row == nullptr ? 0 : row->line;
}

TEST(LineTable, FindsTheRowThatHoldsAnAddress) {
  const Bytes bytes = table(sequence(0x100, {7, 9, 8}));
  auto found = read(bytes.all());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(line_at(*found, 0xff), 0);
  EXPECT_EQ(line_at(*found, 0x100), 7);
  EXPECT_EQ(line_at(*found, 0x103), 7);
  EXPECT_EQ(line_at(*found, 0x104), 9);
  EXPECT_EQ(line_at(*found, 0x10b), 8);
  EXPECT_EQ(line_at(*found, 0x10c), 0);
  EXPECT_EQ(found->files(), 3U);
  EXPECT_EQ(found->file(1), "/made/a.c");
  EXPECT_EQ(found->file(2), "/other/b.c");
}

TEST(LineTable, SequencesInAnyOrderAreFound) {
  Bytes program = sequence(0x300, {30});
  program.append(sequence(0x100, {10, 11})).append(sequence(0x108, {20}));
  const Bytes bytes = table(program);
  auto found = read(bytes.all());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(line_at(*found, 0x107), 11);
  EXPECT_EQ(line_at(*found, 0x108), 20);
  EXPECT_EQ(line_at(*found, 0x10c), 0);
  EXPECT_EQ(line_at(*found, 0x303), 30);
}

// Of what the linker threw away all sequences lie at 0, and say nothing about the rest.
TEST(LineTable, OverlappingSequencesAreOneWhenAskedFor) {
  Bytes program = sequence(0, {40, 41, 42});
  program.append(sequence(0, {50})).append(sequence(0x200, {60}));
  const Bytes bytes = table(program);
  auto found = read(bytes.all());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(line_at(*found, 0x1), 50);  // the last that begins there
  EXPECT_EQ(line_at(*found, 0x4), 41);
  EXPECT_EQ(line_at(*found, 0x201), 60);
}

TEST(LineTable, WhatIsCutShortIsNotUnderstood) {
  const Bytes whole = table(sequence(0x100, {7, 9, 8}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<std::uint8_t> cut(
        whole.all().begin(), whole.all().begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read(cut).has_value()) << size;
    if (size < 4) continue;
    cut[0] = static_cast<std::uint8_t>(size - 4);  // says that it is shorter
    read(cut);
  }
}

void for_each_unit(const std::string& path,
                   const std::function<void(Dwarf*, Dwarf_Die)>& visit) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  Dwarf* dwarf = dwarf_begin(file, DWARF_C_READ);
  ASSERT_NE(dwarf, nullptr);
  Dwarf_CU* cu = nullptr;
  std::uint8_t type = 0;
  Dwarf_Die die;
  while (dwarf_get_units(dwarf, cu, &cu, nullptr, &type, &die, nullptr) == 0) {
    if (type == DW_UT_compile) visit(dwarf, die);
  }
  dwarf_end(dwarf);
  close(file);
}

// What libdw says is what is right.
void compare_lines(const CompiledFixture& fixture) {
  std::size_t compared = 0;
  for_each_unit(fixture.program(), [&](Dwarf* dwarf, Dwarf_Die die) {
    const DwarfSections sections = DwarfSections::of(dwarf);
    UnitLines lines(die, sections);
    Dwarf_Lines* all = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(&die, &all, &count) != 0) return;
    Dwarf_Attribute attribute;
    Dwarf_Word offset = 0;
    ASSERT_EQ(dwarf_formudata(dwarf_attr(&die, DW_AT_stmt_list, &attribute), &offset), 0);
    EXPECT_TRUE(LineTable::read(sections, offset, "").has_value());
    for (std::size_t i = 0; i < count; ++i) {
      Dwarf_Addr address = 0;
      dwarf_lineaddr(dwarf_onesrcline(all, i), &address);
      for (const Dwarf_Addr near : {address - 1, address, address + 1}) {
        Dwarf_Line* line = dwarf_getsrc_die(&die, near);
        int number = 0;
        if (line != nullptr) dwarf_lineno(line, &number);
        const SourceLine place = lines.at(near);
        ASSERT_EQ(place.line, number) << std::hex << near;
        if (line == nullptr) continue;
        const std::filesystem::path path = dwarf_linesrc(line, nullptr, nullptr);
        ASSERT_EQ(place.file, path.lexically_normal());
        ++compared;
      }
    }
  });
  EXPECT_GT(compared, 300U);
}

void compare_ranges(const CompiledFixture& fixture) {
  std::size_t compared = 0;
  for_each_unit(fixture.program(), [&](Dwarf* dwarf, Dwarf_Die die) {
    const DwarfSections sections = DwarfSections::of(dwarf);
    const auto by_libdw = [](Dwarf_Die entry) {
      CodeRanges ranges;
      Dwarf_Addr base = 0, begin = 0, end = 0;
      std::ptrdiff_t at = 0;
      while ((at = dwarf_ranges(&entry, at, &base, &begin, &end)) > 0) {
        if (begin < end) ranges.emplace_back(begin, end);
      }
      return ranges;
    };
    CodeRanges ranges;
    DieReader(die, &sections, true).unit_ranges(ranges);
    EXPECT_EQ(ranges, by_libdw(die));
    const DieReader reader(die, &sections);
    const std::function<void(Dwarf_Off)> descend = [&](Dwarf_Off parent) {
      reader.each_child(parent, [&](const DieEntry& entry) {
        ranges.clear();
        reader.ranges(entry, ranges);
        EXPECT_EQ(ranges, by_libdw(reader.die(entry.offset)));
        compared += ranges.size();
        descend(entry.offset);
        return true;
      });
    };
    descend(reader.root());
  });
  EXPECT_GT(compared, 300U);
}

class SameAsLibdw : public testing::TestWithParam<const char*> {
 protected:
  static constexpr const char* kSource =
      "#include <map>\n#include <string>\n#include <vector>\n"
      "int unused(int n) { return n * 2; }\n"
      "int main(int, char** v) {\n"
      "  std::map<std::string, std::vector<int>> m{{v[0], {1}}};\n"
      "  m[\"a\"].push_back(2);\n"
      "  return m.begin()->second.at(0);\n"
      "}\n";
};

TEST_P(SameAsLibdw, LinesAndRanges) {
  const CompiledFixture fixture(kSource, GetParam());
  compare_lines(fixture);
  compare_ranges(fixture);
}

INSTANTIATE_TEST_SUITE_P(
    Versions, SameAsLibdw,
    testing::Values("-g -O2 -gdwarf-5", "-g -O2 -gdwarf-4", "-g -O1 -gdwarf-3",
                    "-g -O2 -gdwarf-4 -ffunction-sections -Wl,--gc-sections",
                    "-g -O2 -gdwarf-5 -gdwarf64"));

}  // namespace
}  // namespace memoir

#include "symbolize/line_table.h"

#include <dwarf.h>

#include <algorithm>
#include <limits>

namespace memoir {
namespace {

constexpr std::size_t kMostFiles = std::size_t{1} << 20;

// A string of another section.
std::string_view string_at(SectionBytes section, std::uint64_t offset,
                           ByteCursor& cursor) {
  if (offset >= section.size()) {
    cursor.fail();
    return {};
  }
  ByteCursor text(section.data() + offset, section.data() + section.size());
  const std::string_view string = text.string();
  if (text.failed()) cursor.fail();
  return string;
}

bool comes_before(const LineTable::Row& a, const LineTable::Row& b) {
  if (a.address != b.address) return a.address < b.address;
  return a.ends_sequence > b.ends_sequence;
}

}  // namespace

bool LineTable::read_header(const DwarfSections& sections, std::uint64_t offset,
                            Header& header) {
  if (offset >= sections.line.size()) return false;
  const std::uint8_t* const section_end = sections.line.data() + sections.line.size();
  ByteCursor cursor(sections.line.data() + offset, section_end);
  std::uint64_t length = cursor.fixed(4);
  if (length == 0xffffffff) {
    header.is_wide = true;
    length = cursor.fixed(8);
  }
  if (cursor.failed() || length > cursor.left()) return false;
  header.end = cursor.at() + length;
  cursor = ByteCursor(cursor.at(), header.end);
  header.version = static_cast<std::uint16_t>(cursor.fixed(2));
  if (header.version < 2 || header.version > 5) return false;
  if (header.version == 5 && (cursor.byte() != 8 || cursor.byte() != 0)) return false;
  length = cursor.fixed(header.is_wide ? 8 : 4);
  if (cursor.failed() || length > cursor.left()) return false;
  header.program = cursor.at() + length;
  cursor = ByteCursor(cursor.at(), header.program);
  header.instruction_bytes = cursor.byte();
  if (header.version >= 4 && cursor.byte() != 1) return false;
  cursor.byte();  // whether rows are statements to begin with
  header.line_base = static_cast<std::int8_t>(cursor.byte());
  header.line_range = cursor.byte();
  header.opcode_base = cursor.byte();
  if (header.line_range == 0 || header.opcode_base < DW_LNS_set_isa + 1) return false;
  header.operands = cursor.at();
  cursor.skip(header.opcode_base - 1U);
  header.files = cursor.at();
  return !cursor.failed();
}

// Up to version 4: plain lists, and what they do not say comes first.
bool LineTable::read_old_files(const Header& header, std::string_view directory) {
  ByteCursor cursor(header.files, header.program);
  directories_.push_back(directory);
  for (;;) {
    const std::string_view name = cursor.string();
    if (cursor.failed() || directories_.size() > kMostFiles) return false;
    if (name.empty()) break;
    directories_.push_back(name);
  }
  files_.push_back({"???", std::numeric_limits<std::size_t>::max()});
  for (;;) {
    const std::string_view name = cursor.string();
    if (cursor.failed() || files_.size() > kMostFiles) return false;
    if (name.empty()) break;
    const std::uint64_t in = cursor.uleb();
    cursor.uleb();  // time
    cursor.uleb();  // size
    if (cursor.failed() || in >= directories_.size()) return false;
    files_.push_back({name, in});
  }
  return cursor.at_end();
}

bool LineTable::read_fields(ByteCursor& cursor, std::vector<Field>& fields) {
  fields.resize(cursor.byte());
  for (Field& field : fields) {
    const std::uint64_t content = cursor.uleb();
    field.content = content == DW_LNCT_path              ? Content::kPath
                    : content == DW_LNCT_directory_index ? Content::kDirectory
                                                         : Content::kOther;
    field.form = static_cast<unsigned>(cursor.uleb());
  }
  return !cursor.failed();
}

LineTable::File LineTable::read_file(ByteCursor& cursor, const std::vector<Field>& fields,
                                     const Header& header,
                                     const DwarfSections& sections) {
  File file{{}, 0};
  const unsigned offset_bytes = header.is_wide ? 8 : 4;
  for (const Field& field : fields) {
    std::string_view text;
    std::uint64_t number = 0;
    switch (field.form) {
      case DW_FORM_string:
        text = cursor.string();
        break;
      case DW_FORM_line_strp:
        text = string_at(sections.line_strings, cursor.fixed(offset_bytes), cursor);
        break;
      case DW_FORM_strp:
        text = string_at(sections.strings, cursor.fixed(offset_bytes), cursor);
        break;
      case DW_FORM_udata:
        number = cursor.uleb();
        break;
      case DW_FORM_data1:
        number = cursor.byte();
        break;
      case DW_FORM_data2:
        number = cursor.fixed(2);
        break;
      case DW_FORM_data4:
        number = cursor.fixed(4);
        break;
      case DW_FORM_data8:
        number = cursor.fixed(8);
        break;
      case DW_FORM_data16:
        cursor.skip(16);
        break;
      default:
        cursor.fail();
        return file;
    }
    if (field.content == Content::kPath) file.name = text;
    if (field.content == Content::kDirectory) file.directory = number;
  }
  return file;
}

bool LineTable::read_files(const Header& header, const DwarfSections& sections) {
  ByteCursor cursor(header.files, header.program);
  std::vector<Field> fields;
  for (const bool are_files : {false, true}) {
    if (!read_fields(cursor, fields)) return false;
    const std::uint64_t count = cursor.uleb();
    if (cursor.failed() || count > kMostFiles || count > cursor.left()) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      const File file = read_file(cursor, fields, header, sections);
      if (cursor.failed() || file.name.empty()) return false;
      if (!are_files) {
        directories_.push_back(file.name);
      } else if (file.directory < directories_.size()) {
        files_.push_back(file);
      } else {
        return false;
      }
    }
  }
  return cursor.at_end();
}

std::string LineTable::file(std::size_t index) const {
  const File& file = files_[index];
  std::string path(file.name);
  const auto put_below = [&](std::size_t directory) {
    if (path.starts_with('/') || directory >= directories_.size()) return;
    if (directories_[directory].empty()) return;
    path = std::string(directories_[directory]) + '/' + path;
  };
  put_below(file.directory);
  // Directories may themselves be relative, to the one in which it was compiled.
  if (file.directory != 0) put_below(0);
  return path;
}

bool LineTable::run(const Header& header) {
  ByteCursor cursor(header.program, header.end);
  // What a row of these compilers takes; more is made room for as it comes.
  rows_.reserve(cursor.left() / 4);
  std::size_t first = 0;
  const Row start{0, 1, 1, 0};
  Row row = start;
  // What stands in a file is added up as unsigned numbers, which may overflow.
  const auto advance_line = [&row](std::int64_t by) {
    row.line = static_cast<std::int32_t>(static_cast<std::uint32_t>(row.line) +
                                         static_cast<std::uint32_t>(by));
  };
  const auto add_row = [&] {
    rows_.push_back(row);
    return row.file < files_.size() && row.line >= 0;
  };
  const std::uint64_t step = header.instruction_bytes;
  while (!cursor.at_end()) {
    const unsigned opcode = cursor.byte();
    if (opcode >= header.opcode_base) {
      const unsigned special = opcode - header.opcode_base;
      advance_line(header.line_base + static_cast<int>(special % header.line_range));
      row.address += step * (special / header.line_range);
      if (!add_row()) return false;
      continue;
    }
    switch (opcode) {
      case 0: {
        const std::uint64_t bytes = cursor.uleb();
        if (bytes == 0 || bytes > cursor.left()) return false;
        const std::uint8_t* const next = cursor.at() + bytes;
        switch (cursor.byte()) {
          case DW_LNE_end_sequence:
            row.ends_sequence = 1;
            rows_.push_back(row);
            add_sequence(first);
            first = rows_.size();
            row = start;
            break;
          case DW_LNE_set_address:
            if (bytes != 9) return false;
            row.address = cursor.fixed(8);
            break;
          case DW_LNE_set_discriminator:
            break;
          default:
            return false;
        }
        cursor.skip(static_cast<std::uint64_t>(next - cursor.at()));
        break;
      }
      case DW_LNS_copy:
        if (!add_row()) return false;
        break;
      case DW_LNS_advance_pc:
        row.address += step * cursor.uleb();
        break;
      case DW_LNS_advance_line:
        advance_line(cursor.sleb());
        break;
      case DW_LNS_set_file: {
        const std::uint64_t file = cursor.uleb();
        if (file >= files_.size()) return false;
        row.file = static_cast<std::uint32_t>(file) & 0x7fffffff;
        break;
      }
      case DW_LNS_const_add_pc:
        row.address += step * ((255U - header.opcode_base) / header.line_range);
        break;
      case DW_LNS_fixed_advance_pc:
        row.address += cursor.fixed(2);
        break;
      default:
        // Columns, flags, and what is newer than this: nothing that moves.
        for (unsigned i = 0; i < header.operands[opcode - 1]; ++i) cursor.uleb();
        break;
    }
  }
  // A sequence that does not end is nothing that compilers write.
  if (cursor.failed() || first != rows_.size()) return false;
  make_clusters();
  return true;
}

void LineTable::add_sequence(std::size_t first) {
  Sequence sequence{rows_[first].address, rows_[first].address, first, rows_.size(),
                    true};
  for (std::size_t i = first + 1; i < rows_.size(); ++i) {
    const std::uint64_t address = rows_[i].address;
    if (comes_before(rows_[i], rows_[i - 1])) sequence.is_sorted = false;
    sequence.begin = std::min(sequence.begin, address);
    sequence.end = std::max(sequence.end, address);
  }
  sequences_.push_back(sequence);
}

void LineTable::make_clusters() {
  std::stable_sort(
      sequences_.begin(), sequences_.end(),
      [](const Sequence& a, const Sequence& b) { return a.begin < b.begin; });
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const Sequence& sequence = sequences_[i];
    // One of no length stands with what begins there.
    if (clusters_.empty() || sequence.begin > end ||
        (sequence.begin == end && clusters_.back().begin < end)) {
      clusters_.push_back({sequence.begin, i, i, {}});
      end = sequence.end;
    }
    clusters_.back().last = i + 1;
    end = std::max(end, sequence.end);
  }
}

std::span<const LineTable::Row> LineTable::rows_of(Cluster& cluster) {
  const Sequence& first = sequences_[cluster.first];
  if (cluster.last - cluster.first == 1 && first.is_sorted) {
    return {rows_.data() + first.first, first.last - first.first};
  }
  if (!cluster.sorted.empty()) return cluster.sorted;
  // In the order in which they stand in the file, to begin with.
  std::vector<Sequence> sequences(
      sequences_.begin() + static_cast<std::ptrdiff_t>(cluster.first),
      sequences_.begin() + static_cast<std::ptrdiff_t>(cluster.last));
  std::sort(sequences.begin(), sequences.end(),
            [](const Sequence& a, const Sequence& b) { return a.first < b.first; });
  for (const Sequence& sequence : sequences) {
    cluster.sorted.insert(cluster.sorted.end(),
                          rows_.begin() + static_cast<std::ptrdiff_t>(sequence.first),
                          rows_.begin() + static_cast<std::ptrdiff_t>(sequence.last));
  }
  std::stable_sort(cluster.sorted.begin(), cluster.sorted.end(), comes_before);
  return cluster.sorted;
}

std::optional<LineTable> LineTable::read(const DwarfSections& sections,
                                         std::uint64_t offset,
                                         std::string_view directory) {
  Header header;
  LineTable table;
  if (!read_header(sections, offset, header)) return std::nullopt;
  const bool files_read = header.version < 5 ? table.read_old_files(header, directory)
                                             : table.read_files(header, sections);
  if (!files_read || !table.run(header)) return std::nullopt;
  return table;
}

const LineTable::Row* LineTable::find(std::uint64_t address) {
  auto cluster = std::upper_bound(
      clusters_.begin(), clusters_.end(), address,
      [](std::uint64_t a, const Cluster& candidate) { return a < candidate.begin; });
  if (cluster == clusters_.begin()) return nullptr;
  const std::span<const Row> rows = rows_of(*--cluster);
  auto row =
      std::upper_bound(rows.begin(), rows.end(), address,
                       [](std::uint64_t a, const Row& r) { return a < r.address; });
  if (row == rows.begin()) return nullptr;
  --row;
  return row->ends_sequence ? nullptr : &*row;
}

}  // namespace memoir

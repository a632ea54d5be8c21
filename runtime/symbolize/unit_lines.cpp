#include "symbolize/unit_lines.h"

#include <dwarf.h>

#include <filesystem>

namespace memoir {
namespace {

std::string cleaned(std::string_view path) {
  return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace

UnitLines::UnitLines(Dwarf_Die unit, const DwarfSections& sections) : unit_(unit) {
  Dwarf_Attribute attribute;
  Dwarf_Word offset = 0;
  if (dwarf_attr(&unit_, DW_AT_stmt_list, &attribute) == nullptr ||
      dwarf_formudata(&attribute, &offset) != 0) {
    return;
  }
  const char* directory = nullptr;
  if (dwarf_attr(&unit_, DW_AT_comp_dir, &attribute) != nullptr) {
    directory = dwarf_formstring(&attribute);
  }
  table_ = LineTable::read(sections, offset, directory == nullptr ? "" : directory);
}

SourceLine UnitLines::at(Dwarf_Addr address) {
  if (table_) {
    const LineTable::Row* row = table_->find(address);
    if (row == nullptr) return {};
    return {file(row->file), row->line};
  }
  SourceLine place;
  Dwarf_Line* line = dwarf_getsrc_die(&unit_, address);
  if (line == nullptr) return place;
  // Paths belong to libdw, and are the same ones again and again.
  const char* path = dwarf_linesrc(line, nullptr, nullptr);
  const auto [it, is_new] = paths_.try_emplace(path);
  if (is_new && path != nullptr) it->second = cleaned(path);
  place.file = it->second;
  dwarf_lineno(line, &place.line);
  return place;
}

const std::string& UnitLines::file(std::uint64_t number) {
  const auto [it, is_new] = files_.try_emplace(number);
  if (is_new) it->second = path_of(number);
  return it->second;
}

std::string UnitLines::path_of(std::uint64_t number) {
  if (table_) {
    return number < table_->files() ? cleaned(table_->file(number)) : std::string();
  }
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_getsrcfiles(&unit_, &files, &count) != 0 || number >= count) return {};
  const char* path = dwarf_filesrc(files, number, nullptr, nullptr);
  return path == nullptr ? std::string() : cleaned(path);
}

}  // namespace memoir

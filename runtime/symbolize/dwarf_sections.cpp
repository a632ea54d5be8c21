#include "symbolize/dwarf_sections.h"

#include <gelf.h>

#include <string_view>

namespace memoir {
namespace {

SectionBytes bytes_of(Elf_Scn* section) {
  const Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || data->d_buf == nullptr) return {};
  return {static_cast<const std::uint8_t*>(data->d_buf), data->d_size};
}

SectionBytes* place_of(std::string_view name, DwarfSections& sections) {
  if (name == ".debug_abbrev") return &sections.abbreviations;
  if (name == ".debug_line") return &sections.line;
  if (name == ".debug_line_str") return &sections.line_strings;
  if (name == ".debug_str") return &sections.strings;
  if (name == ".debug_ranges") return &sections.ranges;
  if (name == ".debug_rnglists") return &sections.range_lists;
  return nullptr;
}

}  // namespace

DwarfSections DwarfSections::of(Dwarf* dwarf) {
  DwarfSections found;
  Elf* elf = dwarf_getelf(dwarf);
  std::size_t names = 0;
  if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return found;
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
       section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS)
      continue;
    // One that is still packed is not what libdw reads.
    if ((header.sh_flags & SHF_COMPRESSED) != 0) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    SectionBytes* const place = name == nullptr ? nullptr : place_of(name, found);
    if (place != nullptr) *place = bytes_of(section);
  }
  return found;
}

}  // namespace memoir

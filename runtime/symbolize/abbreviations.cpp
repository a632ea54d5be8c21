#include "symbolize/abbreviations.h"

#include <dwarf.h>

namespace memoir {
namespace {

// Codes are dense in what compilers write; a wild one would make the table huge.
constexpr std::uint64_t kMostCodes = 1U << 20;

DieStep skip(unsigned form, DieSizes sizes) {
  using Kind = DieStep::Kind;
  const auto bytes = [](unsigned n) { return DieStep{Kind::kSkip, false, 0, n}; };
  switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
      return bytes(0);
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
      return bytes(1);
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
      return bytes(2);
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
      return bytes(3);
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
      return bytes(4);
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      return bytes(8);
    case DW_FORM_data16:
      return bytes(16);
    case DW_FORM_addr:
      return bytes(sizes.address);
    case DW_FORM_ref_addr:
      return bytes(sizes.version < 3 ? sizes.address : sizes.offset);
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_sec_offset:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
      return bytes(sizes.offset);
    case DW_FORM_udata:
    case DW_FORM_sdata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
      return {Kind::kSkipNumber};
    case DW_FORM_string:
      return {Kind::kSkipString};
    case DW_FORM_block1:
      return {Kind::kSkipBlock, false, 0, 1};
    case DW_FORM_block2:
      return {Kind::kSkipBlock, false, 0, 2};
    case DW_FORM_block4:
      return {Kind::kSkipBlock, false, 0, 4};
    case DW_FORM_block:
    case DW_FORM_exprloc:
      return {Kind::kSkipAnyBlock};
    default:
      return {Kind::kUnknown};
  }
}

// The bytes of a constant or reference of fixed size, 0 for other forms.
unsigned fixed_size(unsigned form) {
  switch (form) {
    case DW_FORM_data1:
    case DW_FORM_ref1:
      return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
      return 2;
    case DW_FORM_data4:
    case DW_FORM_ref4:
      return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

DieStep DieStep::of(unsigned name, unsigned form, DieSizes sizes) {
  const unsigned size = fixed_size(form);
  const bool is_address = form == DW_FORM_addr && sizes.address <= 8;
  if (form == DW_FORM_indirect) {
    return {Kind::kIndirect, false, static_cast<std::uint16_t>(name)};
  }
  if (name == DW_AT_low_pc && is_address) return {Kind::kBegin, false, 0, sizes.address};
  if (name == DW_AT_high_pc && size != 0) return {Kind::kLength, false, 0, size};
  if (name == DW_AT_high_pc && is_address) return {Kind::kEnd, false, 0, sizes.address};
  if (name == DW_AT_sibling && size != 0) return {Kind::kSibling, false, 0, size};
  if (name == DW_AT_ranges && form == DW_FORM_sec_offset) {
    return {Kind::kRanges, true, 0, sizes.offset};
  }
  DieStep step = skip(form, sizes);
  step.asks_libdw = name == DW_AT_ranges || name == DW_AT_low_pc || name == DW_AT_high_pc;
  return step;
}

void Abbreviations::begin(Entry& entry) const {
  entry.first = static_cast<std::uint32_t>(steps_.size());
}

void Abbreviations::add(Entry& entry, unsigned name, unsigned form, DieSizes sizes) {
  const DieStep step = DieStep::of(name, form, sizes);
  if (step.asks_libdw) entry.asks_libdw = true;
  if (step.kind == DieStep::Kind::kSkip && steps_.size() > entry.first &&
      steps_.back().kind == DieStep::Kind::kSkip) {
    steps_.back().bytes += step.bytes;
  } else {
    steps_.push_back(step);
  }
}

bool Abbreviations::keep(std::uint64_t code, Entry& entry) {
  if (code > kMostCodes) return false;
  if (code >= entries_.size()) entries_.resize(code + 1);
  entry.count = static_cast<std::uint32_t>(steps_.size()) - entry.first;
  entries_[code] = entry;
  return true;
}

void Abbreviations::read(SectionBytes section, std::uint64_t offset, DieSizes sizes,
                         std::uint64_t only) {
  if (offset >= section.size()) return;
  ByteCursor cursor(section.data() + offset, section.data() + section.size());
  for (;;) {
    const std::uint64_t code = cursor.uleb();
    if (code == 0) return;
    Entry entry;
    begin(entry);
    entry.tag = static_cast<std::uint16_t>(cursor.uleb());
    entry.has_children = cursor.byte() == DW_CHILDREN_yes;
    for (;;) {
      const auto name = static_cast<unsigned>(cursor.uleb());
      const auto form = static_cast<unsigned>(cursor.uleb());
      if (form == DW_FORM_implicit_const) cursor.sleb();
      if (cursor.failed()) return;
      if (name == 0 && form == 0) break;
      add(entry, name, form, sizes);
    }
    if (!keep(code, entry) || code == only) return;
  }
}

void Abbreviations::read(Dwarf_Die& unit, DieSizes sizes) {
  std::size_t length = 0;
  for (Dwarf_Off at = 0;; at += length) {
    Dwarf_Abbrev* abbrev = dwarf_getabbrev(&unit, at, &length);
    if (abbrev == nullptr || abbrev == DWARF_END_ABBREV || length == 0) return;
    Entry entry;
    begin(entry);
    entry.tag = static_cast<std::uint16_t>(dwarf_getabbrevtag(abbrev));
    entry.has_children = dwarf_abbrevhaschildren(abbrev) == DW_CHILDREN_yes;
    unsigned name = 0, form = 0;
    for (std::size_t i = 0;
         dwarf_getabbrevattr_data(abbrev, i, &name, &form, nullptr, nullptr) == 0 &&
         name != 0;
         ++i) {
      add(entry, name, form, sizes);
    }
    if (!keep(dwarf_getabbrevcode(abbrev), entry)) return;
  }
}

}  // namespace memoir

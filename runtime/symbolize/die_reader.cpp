#include "symbolize/die_reader.h"

#include <dwarf.h>

#include <cstring>

namespace memoir {
namespace {

// Codes are dense in what compilers write; a wild one would make the table huge.
constexpr unsigned kMostCodes = 1U << 20;
constexpr int kDeepest = 512;

// Bytes of one unit. A read past the end gives 0 and leaves the cursor failed.
class Cursor {
 public:
  Cursor(const std::uint8_t* at, const std::uint8_t* end) : at_(at), end_(end) {}

  bool failed() const { return failed_; }
  const std::uint8_t* at() const { return at_; }
  void skip(std::uint64_t n) {
    if (n > left()) {
      fail();
    } else {
      at_ += n;
    }
  }
  std::uint64_t fixed(unsigned bytes) {
    std::uint64_t value = 0;
    if (bytes > left()) {
      fail();
      return 0;
    }
    std::memcpy(&value, at_, bytes);  // little endian, as x86-64 is
    at_ += bytes;
    return value;
  }
  std::uint64_t uleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_; shift += 7) {
      const std::uint64_t byte = *at_++;
      if (shift < 64) value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    fail();
    return 0;
  }
  void skip_string() {
    const void* zero = std::memchr(at_, 0, left());
    if (zero == nullptr) {
      fail();
    } else {
      at_ = static_cast<const std::uint8_t*>(zero) + 1;
    }
  }

 private:
  std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }
  void fail() {
    failed_ = true;
    at_ = end_;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

struct UnitSizes {
  unsigned address, offset, version;
};

// Passes over a value; false for a form that is not known.
bool skip_value(Cursor& cursor, unsigned form, UnitSizes sizes) {
  switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
      return true;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
      cursor.skip(1);
      return true;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
      cursor.skip(2);
      return true;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
      cursor.skip(3);
      return true;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
      cursor.skip(4);
      return true;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      cursor.skip(8);
      return true;
    case DW_FORM_data16:
      cursor.skip(16);
      return true;
    case DW_FORM_addr:
      cursor.skip(sizes.address);
      return true;
    case DW_FORM_ref_addr:
      cursor.skip(sizes.version < 3 ? sizes.address : sizes.offset);
      return true;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_sec_offset:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
      cursor.skip(sizes.offset);
      return true;
    case DW_FORM_udata:
    case DW_FORM_sdata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
      cursor.uleb();
      return true;
    case DW_FORM_string:
      cursor.skip_string();
      return true;
    case DW_FORM_block1:
      cursor.skip(cursor.fixed(1));
      return true;
    case DW_FORM_block2:
      cursor.skip(cursor.fixed(2));
      return true;
    case DW_FORM_block4:
      cursor.skip(cursor.fixed(4));
      return true;
    case DW_FORM_block:
    case DW_FORM_exprloc:
      cursor.skip(cursor.uleb());
      return true;
    default:
      return false;
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

DieReader::DieReader(Dwarf_Die unit) : cu_(unit.cu) {
  Dwarf_Die first;
  Dwarf_Half version = 0;
  Dwarf_Off abbreviations = 0;
  if (dwarf_cu_die(cu_, &first, &version, &abbreviations, &address_size_, &offset_size_,
                   nullptr, nullptr) == nullptr) {
    return;
  }
  version_ = version;
  root_ = dwarf_dieoffset(&first);
  unit_ = root_ - dwarf_cuoffset(&first);
  section_ = static_cast<const std::uint8_t*>(first.addr) - root_;
  // libdw has made sure that the unit lies within its section.
  const std::uint8_t* length = section_ + unit_;
  std::uint64_t bytes = 0;
  if (offset_size_ == 8) {
    std::memcpy(&bytes, length + 4, 8);
    end_ = unit_ + 12 + bytes;
  } else {
    std::memcpy(&bytes, length, 4);
    end_ = unit_ + 4 + bytes;
  }
  read_abbreviations(first);
}

void DieReader::read_abbreviations(Dwarf_Die& unit) {
  std::size_t length = 0;
  for (Dwarf_Off at = 0;; at += length) {
    Dwarf_Abbrev* abbrev = dwarf_getabbrev(&unit, at, &length);
    if (abbrev == nullptr || abbrev == DWARF_END_ABBREV || length == 0) return;
    const unsigned code = dwarf_getabbrevcode(abbrev);
    if (code > kMostCodes) return;
    if (code >= abbreviations_.size()) abbreviations_.resize(code + 1);
    Abbreviation known;
    known.tag = static_cast<std::uint16_t>(dwarf_getabbrevtag(abbrev));
    known.has_children = dwarf_abbrevhaschildren(abbrev) == DW_CHILDREN_yes;
    known.first = static_cast<std::uint32_t>(attributes_.size());
    unsigned name = 0, form = 0;
    for (std::size_t i = 0;
         dwarf_getabbrevattr_data(abbrev, i, &name, &form, nullptr, nullptr) == 0 &&
         name != 0;
         ++i) {
      attributes_.push_back(
          {static_cast<std::uint16_t>(name), static_cast<std::uint16_t>(form)});
    }
    known.count = static_cast<std::uint32_t>(attributes_.size()) - known.first;
    abbreviations_[code] = known;
  }
}

bool DieReader::read(Dwarf_Off offset, DieEntry& entry) const {
  if (offset < root_ || offset >= end_) return false;
  Cursor cursor(section_ + offset, section_ + end_);
  entry = {};
  entry.offset = offset;
  const std::uint64_t code = cursor.uleb();
  if (code == 0) {
    entry.after = static_cast<Dwarf_Off>(cursor.at() - section_);
    return !cursor.failed();
  }
  if (code >= abbreviations_.size() || abbreviations_[code].tag == 0) return false;
  const Abbreviation& abbreviation = abbreviations_[code];
  entry.tag = abbreviation.tag;
  entry.has_children = abbreviation.has_children;
  bool length_follows = false, has_begin = false;
  const Attribute* attribute = attributes_.data() + abbreviation.first;
  for (std::uint32_t i = 0; i < abbreviation.count; ++i, ++attribute) {
    unsigned form = attribute->form;
    if (form == DW_FORM_indirect) form = static_cast<unsigned>(cursor.uleb());
    const unsigned size = fixed_size(form);
    if (attribute->name == DW_AT_low_pc && form == DW_FORM_addr) {
      entry.begin = cursor.fixed(address_size_);
      has_begin = true;
    } else if (attribute->name == DW_AT_high_pc && size != 0) {
      entry.end = cursor.fixed(size);
      length_follows = true;
    } else if (attribute->name == DW_AT_high_pc && form == DW_FORM_addr) {
      entry.end = cursor.fixed(address_size_);
    } else if (attribute->name == DW_AT_sibling && size != 0) {
      entry.sibling = unit_ + cursor.fixed(size);
    } else {
      if (attribute->name == DW_AT_ranges || attribute->name == DW_AT_low_pc ||
          attribute->name == DW_AT_high_pc) {
        entry.ask_libdw = true;
      }
      if (!skip_value(cursor, form, {address_size_, offset_size_, version_}))
        return false;
    }
  }
  if (cursor.failed()) return false;
  if (length_follows) entry.end += entry.begin;
  if (!has_begin) entry.begin = entry.end = 0;
  entry.after = static_cast<Dwarf_Off>(cursor.at() - section_);
  return true;
}

Dwarf_Off DieReader::next_sibling(const DieEntry& entry) const {
  if (!entry.has_children) return entry.after;
  if (entry.sibling >= entry.after && entry.sibling < end_) return entry.sibling;
  DieEntry inner;
  Dwarf_Off at = entry.after;
  for (int depth = 1; depth > 0;) {
    if (!read(at, inner)) return 0;
    at = inner.after;
    if (inner.tag == 0) {
      --depth;
    } else if (inner.has_children) {
      if (inner.sibling >= inner.after && inner.sibling < end_) {
        at = inner.sibling;
      } else if (++depth > kDeepest) {
        return 0;
      }
    }
  }
  return at;
}

Dwarf_Die DieReader::die(Dwarf_Off offset) const {
  Dwarf_Die die{};
  die.addr = const_cast<std::uint8_t*>(section_ + offset);
  die.cu = cu_;
  return die;
}

void DieReader::ranges(const DieEntry& entry,
                       std::vector<std::pair<std::uint64_t, std::uint64_t>>& out) const {
  if (!entry.ask_libdw) {
    if (entry.begin < entry.end) out.emplace_back(entry.begin, entry.end);
    return;
  }
  Dwarf_Die die = this->die(entry.offset);
  Dwarf_Addr base = 0, begin = 0, end = 0;
  std::ptrdiff_t at = 0;
  while ((at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0) {
    if (begin < end) out.emplace_back(begin, end);
  }
}

}  // namespace memoir

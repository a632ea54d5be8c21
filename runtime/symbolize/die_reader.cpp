#include "symbolize/die_reader.h"

#include <dwarf.h>

#include <cstring>

namespace memoir {
namespace {

constexpr int kDeepest = 512;

// Does one step of reading an entry; false where it cannot go on. Failures of the cursor
// are looked at later.
bool take_step(const DieStep& step, ByteCursor& cursor, DieSizes sizes, DieEntry& entry,
               bool& is_length) {
  using Kind = DieStep::Kind;
  switch (step.kind) {
    case Kind::kSkip:
      cursor.skip(step.bytes);
      return true;
    case Kind::kSkipNumber:
      cursor.uleb();
      return true;
    case Kind::kSkipString:
      cursor.skip_string();
      return true;
    case Kind::kSkipBlock:
      cursor.skip(cursor.fixed(step.bytes));
      return true;
    case Kind::kSkipAnyBlock:
      cursor.skip(cursor.uleb());
      return true;
    case Kind::kBegin:
      entry.begin = cursor.fixed(step.bytes);
      entry.begins = true;
      return true;
    case Kind::kEnd:
      entry.end = cursor.fixed(step.bytes);
      return true;
    case Kind::kLength:
      entry.end = cursor.fixed(step.bytes);
      is_length = true;
      return true;
    case Kind::kSibling:
      entry.sibling = cursor.fixed(step.bytes);
      return true;
    case Kind::kRanges:
      entry.list = cursor.fixed(step.bytes);
      entry.has_list = true;
      return true;
    case Kind::kIndirect: {
      const auto form = static_cast<unsigned>(cursor.uleb());
      const DieStep meant = DieStep::of(step.name, form, sizes);
      if (meant.asks_libdw) entry.ask_libdw = true;
      return meant.kind != Kind::kIndirect &&
             take_step(meant, cursor, sizes, entry, is_length);
    }
    case Kind::kUnknown:
      return false;
  }
  return false;
}

}  // namespace

DieReader::DieReader(Dwarf_Die unit, const DwarfSections* sections, bool only_root)
    : cu_(unit.cu), sections_(sections) {
  Dwarf_Die first;
  Dwarf_Off abbreviations = 0;
  if (dwarf_cu_die(cu_, &first, &sizes_.version, &abbreviations, &sizes_.address,
                   &sizes_.offset, nullptr, nullptr) == nullptr) {
    return;
  }
  root_ = dwarf_dieoffset(&first);
  unit_ = root_ - dwarf_cuoffset(&first);
  section_ = static_cast<const std::uint8_t*>(first.addr) - root_;
  // libdw has made sure that the unit lies within its section.
  const std::uint8_t* length = section_ + unit_;
  std::uint64_t bytes = 0;
  if (sizes_.offset == 8) {
    std::memcpy(&bytes, length + 4, 8);
    end_ = unit_ + 12 + bytes;
  } else {
    std::memcpy(&bytes, length, 4);
    end_ = unit_ + 4 + bytes;
  }
  if (sections_ != nullptr && sections_->abbreviations.empty()) sections_ = nullptr;
  if (sections_ == nullptr) {
    abbreviations_.read(first, sizes_);
    return;
  }
  const std::uint64_t code =
      only_root ? ByteCursor(section_ + root_, section_ + end_).uleb() : 0;
  abbreviations_.read(sections_->abbreviations, abbreviations, sizes_, code);
  DieEntry root;
  if (read(root_, root) && root.begins) base_ = root.begin;
}

bool DieReader::read(Dwarf_Off offset, DieEntry& entry) const {
  if (offset < root_ || offset >= end_) return false;
  ByteCursor cursor(section_ + offset, section_ + end_);
  entry = {};
  entry.offset = offset;
  const std::uint64_t code = cursor.uleb();
  if (code == 0) {
    entry.after = static_cast<Dwarf_Off>(cursor.at() - section_);
    return !cursor.failed();
  }
  const Abbreviations::Entry* const abbreviation = abbreviations_.find(code);
  if (abbreviation == nullptr) return false;
  entry.tag = abbreviation->tag;
  entry.has_children = abbreviation->has_children;
  entry.ask_libdw = abbreviation->asks_libdw;
  bool is_length = false;
  for (const DieStep& step : abbreviations_.steps(*abbreviation)) {
    if (!take_step(step, cursor, sizes_, entry, is_length)) return false;
  }
  if (cursor.failed()) return false;
  if (is_length) entry.end += entry.begin;
  if (!entry.begins) entry.begin = entry.end = 0;
  if (entry.sibling != 0) entry.sibling += unit_;
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

void DieReader::unit_ranges(CodeRanges& out) const {
  DieEntry root;
  if (read(root_, root)) ranges(root, out);
}

Dwarf_Die DieReader::die(Dwarf_Off offset) const {
  Dwarf_Die die{};
  die.addr = const_cast<std::uint8_t*>(section_ + offset);
  die.cu = cu_;
  return die;
}

void DieReader::ranges(const DieEntry& entry, CodeRanges& out) const {
  if (!entry.ask_libdw) {
    if (entry.begin < entry.end) out.emplace_back(entry.begin, entry.end);
    return;
  }
  if (entry.has_list && sections_ != nullptr && base_ &&
      read_range_list(*sections_, sizes_.version, entry.list, *base_, out)) {
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

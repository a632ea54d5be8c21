#include "symbolize/range_list.h"

#include <dwarf.h>

#include "symbolize/byte_cursor.h"

namespace memoir {
namespace {

constexpr unsigned kAddressBytes = 8;

// Whether the list ended as it should.
bool read_pairs(ByteCursor& cursor, std::uint64_t base, CodeRanges& out) {
  while (!cursor.failed()) {
    const std::uint64_t begin = cursor.fixed(kAddressBytes);
    const std::uint64_t end = cursor.fixed(kAddressBytes);
    if (begin == 0 && end == 0) break;
    if (begin == ~std::uint64_t{0}) {
      base = end;
    } else if (begin < end) {
      out.emplace_back(base + begin, base + end);
    }
  }
  return !cursor.failed();
}

bool read_entries(ByteCursor& cursor, std::uint64_t base, CodeRanges& out) {
  while (!cursor.failed()) {
    std::uint64_t begin = 0, end = 0;
    switch (cursor.byte()) {
      case DW_RLE_end_of_list:
        return !cursor.failed();
      case DW_RLE_base_address:
        base = cursor.fixed(kAddressBytes);
        continue;
      case DW_RLE_offset_pair:
        begin = base + cursor.uleb();
        end = base + cursor.uleb();
        break;
      case DW_RLE_start_end:
        begin = cursor.fixed(kAddressBytes);
        end = cursor.fixed(kAddressBytes);
        break;
      case DW_RLE_start_length:
        begin = cursor.fixed(kAddressBytes);
        end = begin + cursor.uleb();
        break;
      default:
        return false;
    }
    if (begin < end) out.emplace_back(begin, end);
  }
  return false;
}

}  // namespace

bool read_range_list(const DwarfSections& sections, unsigned version,
                     std::uint64_t offset, std::uint64_t base, CodeRanges& out) {
  const SectionBytes section = version < 5 ? sections.ranges : sections.range_lists;
  if (offset >= section.size()) return false;
  ByteCursor cursor(section.data() + offset, section.data() + section.size());
  const std::size_t before = out.size();
  const bool ended =
      version < 5 ? read_pairs(cursor, base, out) : read_entries(cursor, base, out);
  if (!ended) out.resize(before);
  return ended;
}

}  // namespace memoir

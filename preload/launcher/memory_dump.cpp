#include "launcher/memory_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace memoir {
namespace {

constexpr std::uint64_t kRow = 16;
constexpr std::size_t kMostRows = 6;

// Whether an address lies in [begin, begin + length). Of what wraps around, nothing does.
bool is_in(std::uint64_t address, std::uint64_t begin, std::uint64_t length) {
  return address >= begin && address - begin < length;
}

struct Row {
  std::string bytes, text, marks;
  bool marked = false;
};

Row make_row(const MemoryDump& dump, std::uint64_t at) {
  Row row;
  row.bytes += at == dump.block && at != 0 ? '|' : ' ';
  for (std::uint64_t address = at; address < at + kRow; ++address) {
    const bool known = is_in(address, dump.address, dump.bytes.size());
    const std::uint8_t byte = known ? dump.bytes[address - dump.address] : 0;
    const bool marked = known && is_in(address, dump.marked, dump.marked_bytes);
    row.marked |= marked;
    row.bytes += known ? fmt::format("{:02x}", byte) : "  ";
    const std::uint64_t next = address + 1;
    const bool begins = next == dump.block && next < at + kRow;
    row.bytes += next == dump.block_end || begins ? '|' : ' ';
    row.text += !known                        ? ' '
                : byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte)
                                              : '.';
    row.marks += marked ? "^^ " : "   ";
  }
  row.marks.resize(row.marks.find_last_not_of(' ') + 1);
  return row;
}

}  // namespace

std::string render_dump(const MemoryDump& dump, std::size_t indent,
                        const TextStyle& style) {
  const std::uint64_t first = dump.address & ~(kRow - 1);
  std::vector<Row> rows;
  for (std::uint64_t i = 0; i < kMostRows && i * kRow < dump.bytes.size(); ++i) {
    rows.push_back(make_row(dump, first + i * kRow));
  }
  const auto is_marked = [](const Row& row) { return row.marked; };
  const auto begin = std::find_if(rows.begin(), rows.end(), is_marked);
  if (begin == rows.end()) return {};
  const auto end = std::find_if(rows.rbegin(), rows.rend(), is_marked).base();
  const auto from = begin == rows.begin() ? begin : begin - 1;
  const auto to = end == rows.end() ? end : end + 1;
  std::string text;
  for (auto row = from; row != to; ++row) {
    const std::uint64_t at =
        first + static_cast<std::uint64_t>(row - rows.begin()) * kRow;
    text += fmt::format("{:{}}{} {}{}\n", "", indent,
                        style.dim(fmt::format("{:012x}", at)), row->bytes, row->text);
    if (row->marked) {
      text += fmt::format("{:{}}{}\n", "", indent + 14, style.warning(row->marks));
    }
  }
  return text;
}

}  // namespace memoir

#include "unwind/cfi_reader.h"

#include <cstring>

namespace memoir {

std::uint64_t CfiReader::fixed(unsigned bytes) {
  std::uint64_t value = 0;
  if (bytes > left()) {
    fail();
    return 0;
  }
  memcpy(&value, at, bytes);
  at += bytes;
  return value;
}

std::uint64_t CfiReader::uleb() {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint8_t next = byte();
    if (shift < 64) value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if ((next & 0x80) == 0) return value;
  }
}

std::int64_t CfiReader::sleb() {
  std::uint64_t value = 0;
  unsigned shift = 0;
  std::uint8_t next;
  do {
    next = byte();
    if (shift < 64) value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    shift += 7;
  } while ((next & 0x80) != 0);
  if (shift < 64 && (next & 0x40) != 0) value |= ~std::uint64_t{0} << shift;
  return static_cast<std::int64_t>(value);
}

std::uint64_t CfiReader::encoded_pointer(std::uint8_t encoding, std::uint64_t data_base) {
  if (encoding == 0xff) return 0;
  const auto here = reinterpret_cast<std::uint64_t>(at);
  std::uint64_t value = 0;
  switch (encoding & 0x0f) {
    case 0x01:
      value = uleb();
      break;
    case 0x02:
      value = fixed(2);
      break;
    case 0x03:
      value = fixed(4);
      break;
    case 0x09:
      value = static_cast<std::uint64_t>(sleb());
      break;
    case 0x0a:
      value = static_cast<std::uint64_t>(static_cast<std::int16_t>(fixed(2)));
      break;
    case 0x0b:
      value = static_cast<std::uint64_t>(static_cast<std::int32_t>(fixed(4)));
      break;
    default:  // absptr, udata8, sdata8
      value = fixed(8);
      break;
  }
  if (value == 0) return 0;
  if ((encoding & 0x70) == 0x10) value += here;
  if ((encoding & 0x70) == 0x30) value += data_base;
  if ((encoding & 0x80) != 0) fail();
  return value;
}

}  // namespace memoir

#include "launcher/pins.h"

#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "analyze/faults.h"
#include "base/site_hash.h"
#include "launcher/open_trace.h"
#include "launcher/pin_ordinals.h"
#include "trace/error.h"
#include "trace/trace_reader.h"

namespace memoir {
namespace {

constexpr std::size_t kMostPins = 64;

std::vector<unsigned char> bytes_of(std::string_view hexadecimal) {
  std::vector<unsigned char> bytes;
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    bytes.push_back(static_cast<unsigned char>(digit(hexadecimal[i]) << 4 |
                                               digit(hexadecimal[i + 1])));
  }
  return bytes;
}

std::uint64_t site_of(Database& database, TraceStackId stack) {
  Statement frames = database.prepare(
      "SELECT f.address, m.build_id FROM stack_walk w JOIN frame f ON f.id = w.frame "
      "LEFT JOIN module m ON m.id = f.module WHERE w.stack = ? ORDER BY w.level");
  frames.bind(0, std::uint64_t{stack.value});
  SiteHash hash;
  while (frames.step()) {
    const std::vector<unsigned char> build_id = bytes_of(frames.text(1));
    hash.add_module(build_id.data(), build_id.size());
    hash.add_address(static_cast<std::uint64_t>(frames.integer(0)));
  }
  return hash.value();
}

// What a guard page covers beside a block.
constexpr std::int64_t kGuardBytes = 4096;

// Which end of the block stands at the guard: 'l'eft or 'r'ight; none for errors that
// nothing beside or in a block finds. What lies further than the guard page is canary on
// the other side, and a breakpoint stands on it.
std::optional<char> side_for(const FaultRow& fault) {
  const auto size = static_cast<std::int64_t>(fault.block_size);
  switch (fault.kind) {
    case FaultKind::kHeapBufferUnderflow:
      return fault.offset() >= -kGuardBytes ? 'l' : 'r';
    case FaultKind::kHeapBufferOverflow:
      return fault.offset() - size < kGuardBytes ? 'r' : 'l';
    case FaultKind::kUseAfterFree:
    case FaultKind::kWriteAfterFree:
      return 'r';
    default:
      return std::nullopt;
  }
}

// As track/pins.h has them.
std::string pin_text(std::uint64_t site, char side, const FaultRow& fault,
                     std::uint32_t ordinal) {
  const std::int64_t offset = fault.offset();
  const std::uint64_t away = static_cast<std::uint64_t>(offset < 0 ? -offset : offset);
  return fmt::format("{:016x}{}.{:x}.{:x}.{}{:x}.{}", site, side, fault.block_size,
                     ordinal, offset < 0 ? "-" : "", away,
                     fault.access == FaultAccess::kRead ? 'r' : 'w');
}

}  // namespace

std::string pins_of(const std::filesystem::path& path) {
  const auto trace = open_trace(path);
  Database& database = trace->database();
  std::vector<Fault> faults = find_faults(database).faults;
  std::erase_if(faults, [](const Fault& fault) {
    return !side_for(fault.row) || fault.row.alloc_stack.value == 0 ||
           fault.row.place != MemoryPlace::kBlock;
  });
  if (faults.size() > kMostPins) faults.resize(kMostPins);
  if (faults.empty()) {
    throw Error(
        fmt::format("{} blames no call site that could be guarded", path.string()),
        ErrorKind::kUsage);
  }
  const std::vector<std::uint32_t> ordinals = find_ordinals(database, faults);
  // By site: the runtime finds the first of one, and looks at those behind it.
  std::multimap<std::uint64_t, std::string> pins;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultRow& row = faults[i].row;
    const std::uint64_t site = site_of(database, row.alloc_stack);
    pins.emplace(site, pin_text(site, *side_for(row), row, ordinals[i]));
  }
  std::string text;
  for (const auto& [site, pin] : pins) text += (text.empty() ? "" : ",") + pin;
  return text;
}

}  // namespace memoir

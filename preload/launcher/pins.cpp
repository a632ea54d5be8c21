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

// Which end of the block stands at the guard: 'l'eft or 'r'ight; none for errors that a
// guard does not find.
std::optional<char> side_for(FaultKind kind) {
  switch (kind) {
    case FaultKind::kHeapBufferUnderflow:
      return 'l';
    case FaultKind::kHeapBufferOverflow:
    case FaultKind::kUseAfterFree:
    case FaultKind::kWriteAfterFree:
      return 'r';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string pins_of(const std::filesystem::path& path) {
  const auto trace = open_trace(path);
  Database& database = trace->database();
  std::map<std::uint64_t, char> pins;
  for (const Fault& fault : find_faults(database).faults) {
    const auto side = side_for(fault.row.kind);
    if (!side || fault.row.alloc_stack.value == 0 || pins.size() == kMostPins) continue;
    pins.emplace(site_of(database, fault.row.alloc_stack), *side);
  }
  if (pins.empty()) {
    throw Error(
        fmt::format("{} blames no call site that could be guarded", path.string()),
        ErrorKind::kUsage);
  }
  std::string text;
  for (const auto& [site, side] : pins) {
    text += fmt::format("{}{:016x}{}", text.empty() ? "" : ",", site, side);
  }
  return text;
}

}  // namespace memoir

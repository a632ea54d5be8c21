#include "alloc/known_findings.h"

#include <atomic>
#include <cstring>
#include <string_view>

namespace memoir::records {
namespace {

constexpr std::size_t kMost = 1024;
// Hashes of what was told; 0 is free.
std::atomic<std::uint64_t> g_told[kMost];

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x100000001b3u;
}
void mix(std::uint64_t& hash, const char* text) {
  for (const char c : std::string_view(text)) mix(hash, static_cast<unsigned char>(c));
}
void mix(std::uint64_t& hash, const source_place& place) {
  mix(hash, place.file);
  mix(hash, place.line);
}

}  // namespace

bool is_first_of_its_kind(const finding_report& report) noexcept {
  // Without a place nothing tells them apart.
  if (report.where.line == 0 && report.allocated.line == 0) return true;
  std::uint64_t hash = 0xcbf29ce484222325u;
  mix(hash, static_cast<std::uint64_t>(report.kind));
  mix(hash, report.pool_kind);
  mix(hash, report.where);
  mix(hash, report.allocated);
  hash |= 1;
  for (std::size_t probe = 0; probe < kMost; ++probe) {
    std::atomic<std::uint64_t>& slot = g_told[(hash + probe) % kMost];
    std::uint64_t there = 0;
    if (slot.compare_exchange_strong(there, hash)) return true;
    if (there == hash) return false;
  }
  return true;
}

}  // namespace memoir::records

#include "collect/fault_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace memoir {
namespace {

bool is_kind(FaultKind kind) {
  switch (kind) {
#define MEMOIR_FAULT(enumerator, number, name, title) case FaultKind::enumerator:
#include "base/fault_kind.inc"
#undef MEMOIR_FAULT
    return true;
    case FaultKind::kNone:
      break;
  }
  return false;
}

Api known_api(Api api) {
  switch (api) {
#define MEMOIR_API(enumerator, number, name) case Api::enumerator:
#include "base/allocation_api.inc"
#undef MEMOIR_API
    return api;
  }
  return Api::kUnknown;
}

}  // namespace

std::optional<FaultRecord> read_fault_record(std::string_view bytes) {
  FaultRecord record;
  if (bytes.size() != sizeof record) return std::nullopt;
  std::memcpy(&record, bytes.data(), sizeof record);
  if (record.bytes != sizeof record || !is_kind(record.kind)) return std::nullopt;
  if (record.access > FaultAccess::kFree) record.access = FaultAccess::kUnknown;
  if (record.place > MemoryPlace::kRealAllocator) record.place = MemoryPlace::kUnknown;
  record.alloc_api = known_api(record.alloc_api);
  record.free_api = known_api(record.free_api);
  constexpr std::uint8_t kMostAlignmentLog2 = 63;
  if (record.alignment_log2 > kMostAlignmentLog2) record.alignment_log2 = 0;
  record.dump_bytes = std::min(record.dump_bytes, kFaultDumpBytes);
  return record;
}

PoolMisuse read_pool_misuse(const FaultRecord& record, std::string_view text) {
  std::array<std::string, kPoolTextParts> parts;
  for (std::string& part : parts) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {record.pool,
          parts[kPoolKind],
          parts[kPoolName],
          parts[kPoolFaultText],
          {parts[kWhereFunction], parts[kWhereFile], record.where_line},
          {parts[kAllocFunction], parts[kAllocFile], record.alloc_line},
          {parts[kFreeFunction], parts[kFreeFile], record.free_line}};
}

}  // namespace memoir

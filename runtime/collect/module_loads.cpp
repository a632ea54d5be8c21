#include "collect/module_loads.h"

namespace memoir {
namespace {

std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += "0123456789abcdef"[value >> 4];
    text += "0123456789abcdef"[value & 15];
  }
  return text;
}

}  // namespace

void ModuleLoads::load(const Event& event, std::uint64_t t) {
  ModuleLoadRow row;
  row.process = process_;
  row.module = writer_.intern_module(session_.text(event.size),
                                     to_hex(session_.text(event.more_size)));
  row.base = event.address;
  row.begin = event.more_time;
  row.end = event.more_address;
  row.loaded = t;
  // Unique in the trace: the process's number above, its own count below.
  row.id = static_cast<std::int64_t>(process_.value) << 32 |
           static_cast<std::int64_t>(rows_.size() + 1);
  map_.load({row.begin, row.end, row.base, row.module, row.id});
  writer_.put_module_load(row);
  rows_.push_back(row);
}

void ModuleLoads::unload(std::uint64_t begin, std::uint64_t t) {
  const auto gone = map_.unload(begin);
  if (!gone) return;
  for (ModuleLoadRow& row : rows_) {
    if (row.id != gone->load_id) continue;
    row.unloaded = t;
    writer_.put_module_load(row);
  }
}

}  // namespace memoir

#include "trace/intern_tables.h"

#include <utility>

namespace memoir {

FlatMap::FlatMap() : slots_(1024) {}

FlatMap::Slot& FlatMap::find(std::uint64_t key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = (key * 0x9e3779b97f4a7c15U) >> 20 & mask;
  while (slots_[i].key != 0 && slots_[i].key != key) i = (i + 1) & mask;
  return slots_[i];
}

Interned<std::uint32_t> FlatMap::insert(std::uint64_t key, std::uint32_t fallback) {
  Slot* slot = &find(key);
  if (slot->key != 0) return {slot->value, false};
  if ((used_ + 1) * 3 > slots_.size() * 2) {
    grow();
    slot = &find(key);
  }
  *slot = {key, fallback};
  ++used_;
  return {fallback, true};
}

void FlatMap::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.key != 0) find(slot.key) = slot;
  }
}

Interned<ModuleId> InternTables::module(std::string_view path,
                                        std::string_view build_id) {
  std::string key(path);
  key += '\0';
  key += build_id;
  const auto next = static_cast<std::uint32_t>(modules_.size() + 1);
  const auto [it, is_new] = modules_.try_emplace(std::move(key), next);
  return {{it->second}, is_new};
}

Interned<FrameId> InternTables::frame(ModuleId module, std::uint64_t address) {
  const auto next = static_cast<std::uint32_t>(frames_.size() + 1);
  const auto [it, is_new] = frames_.try_emplace({address, module.value}, next);
  return {{it->second}, is_new};
}

Interned<TraceStackId> InternTables::stack(TraceStackId parent, FrameId frame) {
  const std::uint64_t key = std::uint64_t{parent.value} << 32 | frame.value;
  const auto [value, is_new] = stacks_.insert(key, next_stack_);
  if (is_new) ++next_stack_;
  return {{value}, is_new};
}

}  // namespace memoir

#include "trace/intern_tables.h"

#include <utility>

namespace memoir {

FlatMap::FlatMap() : slots_(1024) {}

FlatMap::Slot& FlatMap::find(std::uint64_t key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = home(key);
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
  const ZeroedArray<Slot> old =
      std::exchange(slots_, ZeroedArray<Slot>(slots_.size() * 2));
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
  constexpr unsigned kAddressBits = 48;
  const std::uint64_t key = std::uint64_t{module.value} << kAddressBits | address;
  Interned<std::uint32_t> known{};
  if (module.value >> 16 == 0 && address >> kAddressBits == 0 && key != 0) {
    known = small_frames_.insert(key, next_frame_);
  } else {
    const auto [it, is_new] = frames_.try_emplace({address, module.value}, next_frame_);
    known = {it->second, is_new};
  }
  if (known.is_new) ++next_frame_;
  return {{known.id}, known.is_new};
}

void InternTables::insert_pending() {
  // The newest stack has the last key.
  std::uint32_t id = next_stack_ - static_cast<std::uint32_t>(pending_.size());
  for (const std::uint64_t key : pending_) stacks_.insert(key, id++);
  pending_.clear();
}

Interned<TraceStackId> InternTables::stack(TraceStackId parent, FrameId frame) {
  constexpr std::size_t kMostPending = 32;
  const std::uint64_t key = std::uint64_t{parent.value} << 32 | frame.value;
  // A stack that was made by the last call cannot have been called from yet: nothing is
  // to be looked up, and what is to be written down can be fetched meanwhile.
  if (parent && parent.value + 1 == next_stack_) {
    if (pending_.size() == kMostPending) insert_pending();
    stacks_.prefetch(key);
    pending_.push_back(key);
    return {{next_stack_++}, true};
  }
  insert_pending();
  const auto [value, is_new] = stacks_.insert(key, next_stack_);
  if (is_new) ++next_stack_;
  return {{value}, is_new};
}

}  // namespace memoir

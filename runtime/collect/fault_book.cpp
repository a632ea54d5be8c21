#include "collect/fault_book.h"

#include <functional>
#include <utility>

#include "collect/fault_message.h"

namespace memoir {
namespace {

std::uint64_t hash_of(const SourcePlace& place) {
  return std::hash<std::string>{}(place.file) * 31 + place.line;
}

}  // namespace

std::vector<FaultBook::Key> FaultBook::keys_of(const FaultRow& fault) const {
  enum Sort { kByStacks, kByOrigin, kByBlock, kByPlaces };
  const auto kind = static_cast<int>(fault.kind);
  const std::uint64_t alloc = fault.alloc_stack.value;
  const std::uint64_t free = fault.free_stack.value;
  if (fault.misuse) {
    return {{kind, kByPlaces, hash_of(fault.misuse->where),
             hash_of(fault.misuse->allocated),
             fault.misuse->where.line == 0 ? fault.stack.value : 0}};
  }
  if (!fault.late) return {{kind, kByStacks, fault.stack.value, alloc, free}};
  std::vector<Key> keys;
  if (fault.alloc_stack) keys.push_back({kind, kByOrigin, alloc, free, 0});
  if (fault.block_number != 0) {
    keys.push_back({kind, kByBlock, fault.block_address, fault.block_number, 0});
  }
  if (keys.empty()) keys.push_back({kind, kByStacks, fault.stack.value, alloc, free});
  return keys;
}

bool FaultBook::is_found_in_copy(const FaultRow& fault) {
  if (!fault.late || fault.block_number == 0) return false;
  const auto [first, is_new] =
      damaged_.try_emplace({fault.block_address, fault.block_number}, fault.process);
  return !is_new && first->second != fault.process;
}

FaultBook::Entry FaultBook::add(FaultRow fault, const FaultScene& scene) {
  const std::vector<Key> keys = keys_of(fault);
  const bool is_copy = is_found_in_copy(fault);
  for (const Key& key : keys) {
    const auto known = entries_.find(key);
    if (known == entries_.end()) continue;
    const Entry entry = known->second;
    for (const Key& other : keys) entries_.emplace(other, entry);
    if (!is_copy) add_again(entry);
    return entry;
  }
  const Entry entry = known_.size();
  for (const Key& key : keys) entries_.emplace(key, entry);
  fault.message = fault_message(fault);
  Known& made = known_.emplace_back();
  made.count = 1;
  const auto rule = sink_ == nullptr ? std::nullopt : sink_->silenced_by(fault);
  if (rule) {
    const auto hits = hits_.try_emplace(*rule, 0).first;
    ++hits->second;
    hits_changed_ = true;
    made.rule = &hits->first;
    return entry;
  }
  fault.count = 1;
  fault.id = made.id = writer_.put_fault(fault);
  ++different_;
  if (sink_ != nullptr) sink_->show(fault, scene);
  return entry;
}

void FaultBook::add_again(Entry entry, std::uint64_t times) {
  if (times == 0) return;
  Known& known = known_[entry];
  known.count += times;
  if (known.rule != nullptr) {
    hits_[*known.rule] += times;
    hits_changed_ = true;
  } else {
    changed_.insert(entry);
  }
}

void FaultBook::write_progress() {
  for (const Entry entry : changed_) {
    writer_.set_fault_count(known_[entry].id, known_[entry].count);
  }
  changed_.clear();
  if (!std::exchange(hits_changed_, false)) return;
  for (const auto& [rule, hits] : hits_) writer_.put_suppression(rule, hits, 0);
}

}  // namespace memoir

#include "collect/pool_events.h"

#include <algorithm>
#include <utility>

namespace memoir {

std::size_t PoolEvents::Hash::operator()(const References& of) const {
  std::uint64_t hash = 0;
  for (const std::uint64_t part :
       {of.place, of.detail, std::uint64_t{of.kind} << 32 | of.stack,
        std::uint64_t{of.thread} << 32 | of.from_thread}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash;
}

void PoolEvents::count(Group& group, const PoolEventTold& told) {
  group.count += text_number(told.detail);
  group.bytes += told.size;
  group.amount += told.amount;
  group.last_bytes = told.size;
  group.last_amount = told.amount;
  group.address = told.address;
  group.first_t = std::min(group.first_t, told.t);
  group.last_t = std::max(group.last_t, told.t);
}

std::size_t PoolEvents::find_or_add(Group group) {
  const auto content_of = [](const Group& of) {
    return Content{of.kind,        of.thread, of.from_thread, of.line,
                   of.stack.value, of.file,   of.detail};
  };
  // The place says it better, and stacks of one place may be many.
  Content content = content_of(group);
  if (group.line != 0) std::get<4>(content) = 0;
  auto known = by_content_.find(content);
  if (known == by_content_.end() && groups_.size() >= kMostGroups) {
    Group any;
    any.kind = group.kind;
    any.first_t = group.first_t;
    group = any;
    content = content_of(group);
    known = by_content_.find(content);
  }
  if (known != by_content_.end()) return known->second;
  by_content_.emplace(std::move(content), groups_.size());
  groups_.push_back(std::move(group));
  return groups_.size() - 1;
}

void PoolEvents::merge(const PoolEvents& other) {
  for (const Group& from : other.groups_) {
    Group empty = from;
    empty.count = empty.bytes = empty.amount = 0;
    Group& to = groups_[find_or_add(std::move(empty))];
    to.count += from.count;
    to.bytes += from.bytes;
    to.amount += from.amount;
    to.last_bytes = from.last_bytes;
    to.last_amount = from.last_amount;
    to.address = from.address;
    to.first_t = std::min(to.first_t, from.first_t);
    to.last_t = std::max(to.last_t, from.last_t);
  }
}

}  // namespace memoir

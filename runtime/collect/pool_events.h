#pragma once

// What happened to one pool and its blocks besides their coming and going. What is alike
// is one group, however often it happens, so that memory grows with the places in the
// program and not with its time.
//
// Thread safety: one thread. Errors: none.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "trace/pool_table.h"
#include "wire/event.h"

namespace memoir {

// One event, as it came.
struct PoolEventTold {
  std::uint8_t kind = 0;  // as memoir/pool_event.inc numbers it
  std::uint32_t thread = 0;
  std::uint32_t from_thread = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t amount = 0;
  std::uint64_t place = 0;   // text_word(): file and line
  std::uint64_t detail = 0;  // text_word(): words and count
  TraceStackId stack = {};
  std::uint64_t t = 0;
};

class PoolEvents {
 public:
  // Beyond so many groups, all that is new of one kind is one group.
  static constexpr std::size_t kMostGroups = 1000;

  // `text_of` gives the text of a TextRef; it is called for what was not met before.
  template <typename TextOf>
  void add(const PoolEventTold& told, TextOf text_of) {
    const References references{told.place,       memoir::text_of(told.detail),
                                told.kind,        told.thread,
                                told.from_thread, told.stack.value};
    const auto known = known_.find(references);
    if (known != known_.end()) return count(groups_[known->second], told);
    Group fresh;
    fresh.kind = told.kind;
    fresh.thread = told.thread;
    fresh.from_thread = told.from_thread;
    fresh.line = static_cast<std::uint32_t>(text_number(told.place));
    fresh.file = text_of(memoir::text_of(told.place));
    fresh.detail = text_of(memoir::text_of(told.detail));
    fresh.stack = told.stack;
    fresh.first_t = told.t;
    const std::size_t place = find_or_add(std::move(fresh));
    if (known_.size() < 4 * kMostGroups) known_.emplace(references, place);
    count(groups_[place], told);
  }

  void merge(const PoolEvents& other);

  // Each has its place for ever; rows of the table have its number.
  const std::vector<PoolEventRow>& groups() const { return groups_; }

 private:
  using Group = PoolEventRow;
  // What tells groups apart without looking at texts: two references may be of one text,
  // but not one of two.
  struct References {
    std::uint64_t place, detail;
    std::uint32_t kind, thread, from_thread, stack;
    bool operator==(const References&) const = default;
  };
  struct Hash {
    std::size_t operator()(const References& of) const;
  };
  using Content = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, std::uint32_t,
                             std::uint32_t, std::string, std::string>;

  static void count(Group& group, const PoolEventTold& told);
  std::size_t find_or_add(Group group);

  std::vector<Group> groups_;
  std::map<Content, std::size_t> by_content_;
  std::unordered_map<References, std::size_t, Hash> known_;
};

}  // namespace memoir

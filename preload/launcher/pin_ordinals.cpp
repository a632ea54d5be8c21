#include "launcher/pin_ordinals.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace memoir {
namespace {

// What becomes of one fault's block while the events go by.
struct Sought {
  const FaultRow* fault;
  std::uint32_t* ordinal;
  std::uint64_t made = 0;   // of this site and size
  std::uint64_t lives = 0;  // the ordinal of the one that lives at the address; 0: none
  std::uint64_t last_freed = 0;  // of those that lived there
  std::uint64_t last_made = 0;
};

void take_event(Sought& sought, std::uint64_t made, std::uint64_t freed,
                std::uint64_t size, std::uint64_t stack) {
  const FaultRow& fault = *sought.fault;
  if (freed == fault.block_address && sought.lives != 0) {
    sought.last_freed = sought.lives;
    sought.lives = 0;
  }
  if (made == 0 || stack != fault.alloc_stack.value || size != fault.block_size) return;
  ++sought.made;
  if (made != fault.block_address) return;
  sought.lives = sought.made;
  sought.last_made = sought.made;
}

void count_in_process(Database& database, std::int64_t process,
                      std::vector<Sought>& list) {
  std::uint64_t last = 0;
  for (const Sought& sought : list) last = std::max(last, sought.fault->t);
  Statement events = database.prepare(
      "SELECT kind, t, address, size, stack, old_address FROM events "
      "WHERE process = ? AND t <= ? AND kind IN ('alloc', 'free', 'realloc')");
  events.bind(0, process);
  events.bind(1, last);
  const auto number = [&](int column) {
    return static_cast<std::uint64_t>(events.integer(column));
  };
  while (events.step()) {
    const bool frees = events.text(0) == "free";
    const std::uint64_t t = number(1);
    for (Sought& sought : list) {
      if (t > sought.fault->t) continue;
      take_event(sought, frees ? 0 : number(2), frees ? number(2) : number(5), number(3),
                 number(4));
    }
  }
  for (Sought& sought : list) {
    // A freed block is the one that lived there before; its slot may be another's again.
    const std::uint64_t found =
        sought.fault->block_live ? sought.last_made : sought.last_freed;
    if (found <= UINT32_MAX) *sought.ordinal = static_cast<std::uint32_t>(found);
  }
}

}  // namespace

std::vector<std::uint32_t> find_ordinals(Database& database,
                                         const std::vector<Fault>& faults) {
  std::vector<std::uint32_t> ordinals(faults.size());
  std::map<std::int64_t, std::vector<Sought>> by_process;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultRow& row = faults[i].row;
    if (row.alloc_stack.value == 0) continue;
    by_process[static_cast<std::int64_t>(row.process.value)].push_back(
        {&row, &ordinals[i]});
  }
  for (auto& [process, list] : by_process) count_in_process(database, process, list);
  return ordinals;
}

}  // namespace memoir

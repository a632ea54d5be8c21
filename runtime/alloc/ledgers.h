#pragma once

// All ledgers of the process.

#include <cstddef>

#include "alloc/ledger.h"
#include "memoir/finding.h"

namespace memoir::records {

// A ledger is among them from the end of its making to the beginning of its end. The
// first one arranges for all that are left to be verified when the program ends.
void add_ledger(ledger* book);
void remove_ledger(ledger* book) noexcept;

// The live block that holds the address; the newest, where one pool's lies in another's.
// False: there is none, but perhaps one of `except`'s.
bool find_owner(const void* address, const ledger* except, block_entry& block);
inline bool find_live_block(const void* address, block_entry& block) {
  return find_owner(address, nullptr, block);
}
// Whether some pool's block that begins here has this number.
bool is_live_block(const void* begin, std::uint64_t number);

// What verify_pools() does.
std::size_t verify_all(const source_place& where);

}  // namespace memoir::records

namespace memoir {

// Verifies every pool of the process, as the end of the program does: damaged redzones,
// and writes into what nobody has. How many findings there were. Thread safety: any.
std::size_t verify_pools(records::source_place where);

}  // namespace memoir

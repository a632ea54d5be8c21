#include "alloc/ledgers.h"

#include <pthread.h>

#include <cstdlib>
#include <mutex>
#include <vector>

namespace memoir::records {
namespace {

// Never destroyed: pools with static storage may end after everything else.
struct all_ledgers {
  std::recursive_mutex mutex;  // a listener may make pools while they are verified
  std::vector<ledger*, page_allocator<ledger*>> books;
};
all_ledgers& everything() {
  alignas(all_ledgers) static std::byte room[sizeof(all_ledgers)];
  static all_ledgers& all = *new (room) all_ledgers;
  return all;
}

void verify_at_exit() { verify_all({"", "exit", 0}); }

// A forked child has none of the threads that may hold these locks: it waits for them
// before, and begins with new ones. A recursive lock cannot be given up by another
// process.
void lock_for_fork() {
  all_ledgers& all = everything();
  all.mutex.lock();
  for (ledger* book : all.books) book->lock_for_fork();
}
void unlock_in_parent() {
  all_ledgers& all = everything();
  for (ledger* book : all.books) book->unlock_after_fork();
  all.mutex.unlock();
}
void renew_in_child() {
  all_ledgers& all = everything();
  for (ledger* book : all.books) book->unlock_after_fork();
  new (&all.mutex) std::recursive_mutex;
}

int watch_the_process() {
  ::pthread_atfork(lock_for_fork, unlock_in_parent, renew_in_child);
  return std::atexit(verify_at_exit);
}

}  // namespace

void add_ledger(ledger* book) {
  all_ledgers& all = everything();
  [[maybe_unused]] static const int watching = watch_the_process();
  const std::lock_guard lock{all.mutex};
  all.books.push_back(book);
}

void remove_ledger(ledger* book) noexcept {
  all_ledgers& all = everything();
  const std::lock_guard lock{all.mutex};
  std::erase(all.books, book);
}

bool find_owner(const void* address, const ledger* except, block_entry& block) {
  all_ledgers& all = everything();
  const std::lock_guard lock{all.mutex};
  bool found = false;
  for (const ledger* book : all.books) {
    block_entry one;
    if (book == except || !book->find_live(address, one)) continue;
    if (found && one.number < block.number) continue;
    block = one;
    found = true;
  }
  return found;
}

bool is_live_block(const void* begin, std::uint64_t number) {
  all_ledgers& all = everything();
  const std::lock_guard lock{all.mutex};
  for (const ledger* book : all.books) {
    if (book->is_live(begin, number)) return true;
  }
  return false;
}

std::size_t verify_all(const source_place& where) {
  all_ledgers& all = everything();
  const std::lock_guard lock{all.mutex};
  std::size_t found = 0;
  for (ledger* book : all.books) found += book->verify(where);
  return found;
}

}  // namespace memoir::records

namespace memoir {

std::size_t verify_pools(records::source_place where) {
  return records::verify_all(where);
}

}  // namespace memoir

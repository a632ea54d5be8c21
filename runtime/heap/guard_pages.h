#pragma once

// Pages that fault when they are touched. Since Linux 6.13 such guards live in the page
// tables (MADV_GUARD_INSTALL) and are cheap; before, each is a mapping of its own, of
// which a process may have only some ten thousand.
//
// Thread safety: any thread; choose_guard_method() before the first guard.

#include <cstddef>
#include <cstdint>

namespace memoir {

enum class GuardKind : std::uint8_t { kNone, kProtect, kInstall };

// The best the kernel offers; kInstall only if `may_install`.
GuardKind choose_guard_method(bool may_install);
GuardKind guard_method();

// Makes whole pages inaccessible; what they held is lost. False when the kernel refuses.
bool install_guards(std::uintptr_t begin, std::size_t bytes);
// Makes them accessible again, zeroed.
bool remove_guards(std::uintptr_t begin, std::size_t bytes);

// Makes a page accessible that a guard or retire_pages() closed.
bool open_page(std::uintptr_t page);

// Makes pages inaccessible for good, and gives back all that the kernel keeps for them.
void retire_pages(std::uintptr_t begin, std::size_t bytes);

}  // namespace memoir

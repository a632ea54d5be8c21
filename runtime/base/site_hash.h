#pragma once

// A call site's name that holds from one run to the next: a hash over its stack, frame by
// frame from the innermost, by the build ids of modules (their names, where they have
// none) and the addresses inside.
//
// Thread safety: a value.

#include <cstddef>
#include <cstdint>

namespace memoir {

class SiteHash {
 public:
  void add_module(const void* name, std::size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(name);
    for (std::size_t i = 0; i < bytes; ++i) add(at[i]);
  }
  void add_address(std::uint64_t address) {
    for (unsigned i = 0; i < 8; ++i) add(static_cast<unsigned char>(address >> (8 * i)));
  }
  std::uint64_t value() const { return hash_; }

 private:
  void add(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace memoir

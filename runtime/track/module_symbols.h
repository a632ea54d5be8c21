#pragma once

// The functions of a module whose names match a pattern, read from its file: those of its
// symbol table, or of the dynamic one where that was stripped.
//
// Thread safety: any thread; the arena has a lock of its own. Opens the file and closes
// it.

#include <cstdint>

#include "base/metadata_arena.h"

namespace memoir {

struct FunctionRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct MatchingFunctions {
  const FunctionRange* list = nullptr;
  std::uint32_t count = 0;

  bool contain(std::uint64_t address) const;
};

// None where the file cannot be read, or is not what it seems to be.
MatchingFunctions find_matching_functions(const char* path, std::uint64_t bias,
                                          const char* pattern, MetadataArena& arena);

}  // namespace memoir

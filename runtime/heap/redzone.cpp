#include "heap/redzone.h"

#include <bit>

namespace memoir {
namespace {

constexpr std::size_t kWord = 8;
// Where the processor's string instructions begin to pay.
constexpr std::size_t kManyWords = 64;

using MayAlias [[gnu::may_alias]] = std::uint64_t;

std::uint8_t* bytes(std::uintptr_t address) {
  return reinterpret_cast<std::uint8_t*>(address);
}

std::uintptr_t fill_bytes(std::uint64_t pattern, std::uintptr_t at, std::uintptr_t end) {
  for (; at < end; ++at)
    *const_cast<volatile std::uint8_t*>(bytes(at)) = pattern_byte(pattern, at);
  return at;
}

// The first byte in [at, end) that is not the pattern's; `end` when all are.
std::uintptr_t first_damaged(std::uint64_t pattern, std::uintptr_t at,
                             std::uintptr_t end) {
  while (at < end && at % kWord != 0) {
    if (*bytes(at) != pattern_byte(pattern, at)) return at;
    ++at;
  }
  // Four words at a time: damage is the exception.
  while (at + 4 * kWord <= end) {
    const auto* words = reinterpret_cast<const MayAlias*>(at);
    if ((((words[0] ^ pattern) | (words[1] ^ pattern)) |
         ((words[2] ^ pattern) | (words[3] ^ pattern))) != 0) {
      break;
    }
    at += 4 * kWord;
  }
  while (at + kWord <= end && *reinterpret_cast<const MayAlias*>(at) == pattern)
    at += kWord;
  while (at < end && *bytes(at) == pattern_byte(pattern, at)) ++at;
  return at;
}

}  // namespace

void fill_pattern(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end) {
  std::uintptr_t at = begin;
  const std::uintptr_t first_word = (begin + kWord - 1) & ~(kWord - 1);
  if (first_word >= end) {
    fill_bytes(pattern, at, end);
    return;
  }
  at = fill_bytes(pattern, at, first_word);
  std::size_t words = (end - at) / kWord;
  if (words >= kManyWords) {
    auto* to = reinterpret_cast<MayAlias*>(at);
    at += words * kWord;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
  } else {
    for (; words != 0; --words, at += kWord) {
      *reinterpret_cast<volatile MayAlias*>(at) = pattern;
    }
  }
  fill_bytes(pattern, at, end);
}

DamagedBytes find_damage(std::uint64_t pattern, std::uintptr_t begin,
                         std::uintptr_t end) {
  const std::uintptr_t first = first_damaged(pattern, begin, end);
  if (first >= end) return {};
  std::uintptr_t last = end;
  while (*bytes(last - 1) == pattern_byte(pattern, last - 1)) --last;
  return {first, last};
}

void mend_pattern(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end) {
  for (std::uintptr_t word = begin & ~(kWord - 1); word < end; word += kWord) {
    std::uint64_t mask = ~std::uint64_t{0};
    if (word < begin) mask <<= 8 * (begin - word);
    if (word + kWord > end) mask &= ~std::uint64_t{0} >> 8 * (word + kWord - end);
    auto* place = reinterpret_cast<MayAlias*>(word);
    std::uint64_t seen = __atomic_load_n(place, __ATOMIC_RELAXED);
    const std::uint64_t damaged = seen & mask;
    // Again only where the bytes beside these have changed.
    while ((seen & mask) == damaged) {
      const std::uint64_t mended = (seen & ~mask) | (pattern & mask);
      if (__atomic_compare_exchange_n(place, &seen, mended, false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
        break;
      }
    }
  }
}

void fill_zero(std::uintptr_t begin, std::uintptr_t end) { fill_pattern(0, begin, end); }

std::uint64_t make_canary(std::uint64_t seed) {
  std::uint64_t canary = 0;
  for (unsigned i = 0; i < kWord; ++i) {
    for (;;) {
      seed = seed * 6364136223846793005 + 1442695040888963407;
      const std::uint64_t byte = seed >> 56 | 0x80;
      bool used = byte == 0xff || byte == 0xbe || byte == 0xe5;
      for (unsigned j = 0; j < i; ++j) used = used || (canary >> (8 * j) & 0xff) == byte;
      if (used) continue;
      canary |= byte << (8 * i);
      break;
    }
  }
  return canary;
}

}  // namespace memoir

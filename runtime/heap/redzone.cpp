#include "heap/redzone.h"

#include <bit>

#include "base/compiler.h"

namespace memoir {
namespace {

constexpr std::size_t kWord = 8;
constexpr std::size_t kPair = 16;
// Where the processor's string instructions begin to pay.
constexpr std::size_t kManyBytes = 512;

using MayAlias [[gnu::may_alias]] = std::uint64_t;
// Words that may lie anywhere.
using Word [[gnu::may_alias, gnu::aligned(1)]] = std::uint64_t;
using WordPair [[gnu::vector_size(16)]] = std::uint64_t;
struct [[gnu::packed, gnu::may_alias]] Pair {
  WordPair words;
};

std::uint8_t* bytes(std::uintptr_t address) {
  return reinterpret_cast<std::uint8_t*>(address);
}

// The pattern's eight bytes that begin at an address.
std::uint64_t pattern_at(std::uint64_t pattern, std::uintptr_t address) {
  return std::rotr(pattern, static_cast<int>(8 * (address % kWord)));
}

std::uint64_t word_at(std::uintptr_t address) {
  return *reinterpret_cast<const Word*>(address);
}

void set_word_at(std::uintptr_t address, std::uint64_t word) {
  // The compiler would make a call of memset's from a loop of these.
  *reinterpret_cast<volatile Word*>(address) = word;
}

WordPair pair_at(std::uintptr_t address) {
  return reinterpret_cast<const Pair*>(address)->words;
}

void set_pair_at(std::uintptr_t address, WordPair words) {
  reinterpret_cast<Pair*>(address)->words = words;
  __asm__ volatile("" ::: "memory");  // no call of memset's
}

// Memory of less than a word.
bool is_short_damaged(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end) {
  for (std::uintptr_t at = begin; at < end; ++at) {
    if (*bytes(at) != pattern_byte(pattern, at)) return true;
  }
  return false;
}

// Who looks while somebody changes the slot may see an end before a begin.
bool is_shorter_than(std::size_t size, std::uintptr_t begin, std::uintptr_t end) {
  return static_cast<std::ptrdiff_t>(end - begin) < static_cast<std::ptrdiff_t>(size);
}

// The last word may overlap the one before it.
bool is_damaged(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end) {
  if (is_shorter_than(kWord, begin, end)) return is_short_damaged(pattern, begin, end);
  const std::uint64_t word = pattern_at(pattern, begin);
  std::uintptr_t at = begin;
  if (end - begin < 4 * kWord) {
    // Canaries are short. The last words may be the same.
    const std::uintptr_t last = end - kWord;
    const std::uintptr_t third = begin + 2 * kWord <= last ? begin + 2 * kWord : begin;
    const std::uintptr_t second = begin + kWord <= last ? begin + kWord : begin;
    return ((word_at(begin) ^ word) | (word_at(second) ^ word) | (word_at(third) ^ word) |
            (word_at(last) ^ pattern_at(pattern, last))) != 0;
  }
  // A cache line at a time: damage is the exception.
  const WordPair pair = {word, word};
  for (; at + 8 * kWord <= end; at += 8 * kWord) {
    const auto* pairs = reinterpret_cast<const Pair*>(at);
    const WordPair differ = ((pairs[0].words ^ pair) | (pairs[1].words ^ pair)) |
                            ((pairs[2].words ^ pair) | (pairs[3].words ^ pair));
    if ((differ[0] | differ[1]) != 0) return true;
  }
  const std::uint64_t last_word = pattern_at(pattern, end - kPair);
  const WordPair last = {last_word, last_word};
  WordPair differ = pair_at(end - kPair) ^ last;
  for (; at + kPair <= end; at += kPair) differ |= pair_at(at) ^ pair;
  return (differ[0] | differ[1]) != 0;
}

}  // namespace

void fill_pattern(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end) {
  if (is_shorter_than(kWord, begin, end)) {
    for (std::uintptr_t at = begin; at < end; ++at) {
      *const_cast<volatile std::uint8_t*>(bytes(at)) = pattern_byte(pattern, at);
    }
    return;
  }
  const std::uint64_t word = pattern_at(pattern, begin);
  std::uintptr_t at = begin;
  if (end - begin >= kManyBytes) {
    std::size_t words = (end - begin) / kWord;
    auto* to = reinterpret_cast<void*>(begin);
    at += words * kWord;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(word) : "memory");
  } else if (end - begin >= kPair) {
    const WordPair pair = {word, word};
    for (; at + kPair <= end; at += kPair) set_pair_at(at, pair);
    // May overlap the pair before it.
    const std::uint64_t last = pattern_at(pattern, end - kPair);
    return set_pair_at(end - kPair, WordPair{last, last});
  } else {
    set_word_at(at, word);
  }
  // May overlap the word before it.
  set_word_at(end - kWord, pattern_at(pattern, end - kWord));
}

DamagedBytes find_damage(std::uint64_t pattern, std::uintptr_t begin,
                         std::uintptr_t end) {
  if (MEMOIR_LIKELY(!is_damaged(pattern, begin, end))) return {};
  std::uintptr_t first = begin;
  std::uintptr_t last = end;
  while (first < last && *bytes(first) == pattern_byte(pattern, first)) ++first;
  while (last > first && *bytes(last - 1) == pattern_byte(pattern, last - 1)) --last;
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

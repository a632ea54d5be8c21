#include "track/session_texts.h"

#include <atomic>
#include <cstddef>
#include <cstring>

#include "track/runtime_state.h"

namespace memoir {
namespace {

constexpr std::size_t kKnownTexts = 1024;
constexpr std::size_t kProbes = 8;

// Texts of the session: most programs have few. Each lies within kProbes of where its
// hash says.
constinit std::atomic<TextRef> g_texts[kKnownTexts] = {};

struct Text {
  const char* begin;
  std::size_t length;
};

std::size_t hash_of(const Text& text) {
  std::size_t hash = text.length;
  for (std::size_t i = 0; i < text.length; ++i) {
    hash = hash * 31 + static_cast<unsigned char>(text.begin[i]);
  }
  return hash % kKnownTexts;
}

// What is there, if it can be one. A forked child's session has other texts at the
// places of its parent's.
Text text_at(TextRef text) {
  const SessionMemory& memory = g_runtime.session.memory();
  const std::uint64_t offset = text & 0xffffffff;
  const std::uint64_t length = text >> 32;
  const std::uint64_t bytes = memory.layout().text_bytes;
  if (length > kMostText || offset > bytes || length > bytes - offset) {
    return {nullptr, 0};
  }
  return {memory.text() + offset, length};
}

bool equal(const Text& one, const Text& other) {
  return one.begin != nullptr && one.length == other.length &&
         memcmp(one.begin, other.begin, one.length) == 0;
}

// `force`: in place of another one, where there is no room.
TextRef find_or_add(const char* name, bool force) {
  Text wanted{name, 0};
  while (wanted.length < kMostText && name[wanted.length] != '\0') ++wanted.length;
  const std::size_t home = hash_of(wanted);
  std::atomic<TextRef>* free = nullptr;
  for (std::size_t i = 0; i < kProbes; ++i) {
    std::atomic<TextRef>& slot = g_texts[(home + i) % kKnownTexts];
    const TextRef text = slot.load(std::memory_order_relaxed);
    const Text known = text != 0 ? text_at(text) : Text{nullptr, 0};
    if (equal(known, wanted)) return text;
    const bool stale = known.begin == nullptr ||
                       (home + i + kKnownTexts - hash_of(known)) % kKnownTexts >= kProbes;
    if (stale && free == nullptr) free = &slot;
  }
  if (free == nullptr) {
    if (!force) return 0;
    free = &g_texts[home];
  }
  const TextRef made = g_runtime.session.memory().add_text(wanted.begin, wanted.length);
  free->store(made, std::memory_order_relaxed);
  return made;
}

}  // namespace

TextRef intern_text(const char* text) { return find_or_add(text, true); }
TextRef find_text(const char* text) { return find_or_add(text, false); }

}  // namespace memoir

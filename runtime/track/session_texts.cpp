#include "track/session_texts.h"

#include <atomic>
#include <cstddef>
#include <cstring>

#include "track/runtime_state.h"

namespace memoir {
namespace {

constexpr std::size_t kKnownNames = 256;

// Names of marks, as texts of the session: most programs have few.
constinit std::atomic<TextRef> g_names[kKnownNames] = {};

std::size_t hash_of(const char* name, std::size_t length) {
  std::size_t hash = length;
  for (std::size_t i = 0; i < length; ++i) {
    hash = hash * 31 + static_cast<unsigned char>(name[i]);
  }
  return hash;
}

// A forked child's session has other texts: what is not there is not the same.
bool is_text(TextRef text, const char* name, std::size_t length) {
  const SessionMemory& memory = g_runtime.session.memory();
  const std::uint64_t offset = text & 0xffffffff;
  const std::uint64_t bytes = memory.layout().text_bytes;
  return text >> 32 == length && offset <= bytes && length <= bytes - offset &&
         memcmp(memory.text() + offset, name, length) == 0;
}

}  // namespace

TextRef intern_text(const char* name) {
  std::size_t length = 0;
  while (length < kMostText && name[length] != '\0') ++length;
  std::atomic<TextRef>& known = g_names[hash_of(name, length) % kKnownNames];
  const TextRef text = known.load(std::memory_order_relaxed);
  if (text != 0 && is_text(text, name, length)) return text;
  const TextRef made = g_runtime.session.memory().add_text(name, length);
  known.store(made, std::memory_order_relaxed);
  return made;
}

}  // namespace memoir

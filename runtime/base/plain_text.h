#pragma once

// The simplest form of what libc does with memory and text, for where libc's own must not
// be called. Whoever includes it is compiled so that loops do not become calls of it.
//
// Pure. Thread safety: any thread, any time.

#include <cstddef>

namespace memoir {

inline int plain_memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}

inline void* plain_memchr(const void* in, int byte, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(in);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == static_cast<unsigned char>(byte)) {
      return const_cast<unsigned char*>(bytes + i);
    }
  }
  return nullptr;
}

inline std::size_t plain_strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

inline int plain_strncmp(const char* a, const char* b, std::size_t most) {
  for (std::size_t i = 0; i < most; ++i) {
    const auto left = static_cast<unsigned char>(a[i]);
    const auto right = static_cast<unsigned char>(b[i]);
    if (left != right) return left - right;
    if (left == 0) break;
  }
  return 0;
}

inline char* plain_strchr(const char* text, int byte) {
  for (;; ++text) {
    if (*text == static_cast<char>(byte)) return const_cast<char*>(text);
    if (*text == '\0') return nullptr;
  }
}

inline char* plain_strrchr(const char* text, int byte) {
  const char* found = nullptr;
  for (;; ++text) {
    if (*text == static_cast<char>(byte)) found = text;
    if (*text == '\0') return const_cast<char*>(found);
  }
}

}  // namespace memoir

#include "bounds/early_functions.h"

namespace memoir {
namespace {

using Byte = unsigned char;

}  // namespace

void* early_memcpy(void* to, const void* from, std::size_t size) {
  return early_memmove(to, from, size);
}

void* early_memmove(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<Byte*>(to);
  const auto* source = static_cast<const Byte*>(from);
  if (target < source) {
    for (std::size_t i = 0; i < size; ++i) target[i] = source[i];
  } else {
    for (std::size_t i = size; i-- > 0;) target[i] = source[i];
  }
  return to;
}

void* early_memset(void* to, int byte, std::size_t size) {
  auto* target = static_cast<Byte*>(to);
  for (std::size_t i = 0; i < size; ++i) target[i] = static_cast<Byte>(byte);
  return to;
}

int early_memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const Byte*>(a);
  const auto* right = static_cast<const Byte*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}

void* early_memchr(const void* in, int byte, std::size_t size) {
  const auto* bytes = static_cast<const Byte*>(in);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == static_cast<Byte>(byte)) return const_cast<Byte*>(bytes + i);
  }
  return nullptr;
}

std::size_t early_strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

int early_strcmp(const char* a, const char* b) {
  return early_strncmp(a, b, ~std::size_t{0});
}

int early_strncmp(const char* a, const char* b, std::size_t most) {
  for (std::size_t i = 0; i < most; ++i) {
    const auto left = static_cast<Byte>(a[i]);
    const auto right = static_cast<Byte>(b[i]);
    if (left != right) return left - right;
    if (left == 0) break;
  }
  return 0;
}

char* early_strchr(const char* text, int byte) {
  for (;; ++text) {
    if (*text == static_cast<char>(byte)) return const_cast<char*>(text);
    if (*text == '\0') return nullptr;
  }
}

char* early_strrchr(const char* text, int byte) {
  const char* found = nullptr;
  for (;; ++text) {
    if (*text == static_cast<char>(byte)) found = text;
    if (*text == '\0') return const_cast<char*>(found);
  }
}

}  // namespace memoir

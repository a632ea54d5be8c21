#include "bounds/early_functions.h"

#include "base/plain_text.h"

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
  return plain_memcmp(a, b, size);
}

void* early_memchr(const void* in, int byte, std::size_t size) {
  return plain_memchr(in, byte, size);
}

std::size_t early_strlen(const char* text) { return plain_strlen(text); }

int early_strcmp(const char* a, const char* b) {
  return plain_strncmp(a, b, ~std::size_t{0});
}

int early_strncmp(const char* a, const char* b, std::size_t most) {
  return plain_strncmp(a, b, most);
}

char* early_strchr(const char* text, int byte) { return plain_strchr(text, byte); }

char* early_strrchr(const char* text, int byte) { return plain_strrchr(text, byte); }

}  // namespace memoir

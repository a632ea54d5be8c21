// What the runtime needs of libc's mem* and str*, within the library: what it does for
// itself must not pass through interceptors, and works before anything was found.
//
// Hidden: nobody outside gets these. The processor's string instructions do the long
// ones.

#include <cstddef>

#include "base/plain_text.h"

#define MEMOIR_OWN extern "C" __attribute__((visibility("hidden")))

namespace {

using Byte = unsigned char;

constexpr std::size_t kFew = 32;

}  // namespace

MEMOIR_OWN void* memcpy(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<Byte*>(to);
  const auto* source = static_cast<const Byte*>(from);
  if (size >= kFew) {
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(size) : : "memory");
    return to;
  }
  for (std::size_t i = 0; i < size; ++i) target[i] = source[i];
  return to;
}

MEMOIR_OWN void* memmove(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<Byte*>(to);
  const auto* source = static_cast<const Byte*>(from);
  if (target <= source || target >= source + size) return memcpy(to, from, size);
  for (std::size_t i = size; i-- > 0;) target[i] = source[i];
  return to;
}

MEMOIR_OWN void* memset(void* to, int byte, std::size_t size) {
  auto* target = static_cast<Byte*>(to);
  if (size >= kFew) {
    __asm__ volatile("rep stosb" : "+D"(target), "+c"(size) : "a"(byte) : "memory");
    return to;
  }
  for (std::size_t i = 0; i < size; ++i) target[i] = static_cast<Byte>(byte);
  return to;
}

MEMOIR_OWN int memcmp(const void* a, const void* b, std::size_t size) {
  return memoir::plain_memcmp(a, b, size);
}

MEMOIR_OWN void* memchr(const void* in, int byte, std::size_t size) {
  return memoir::plain_memchr(in, byte, size);
}

MEMOIR_OWN std::size_t strlen(const char* text) { return memoir::plain_strlen(text); }

MEMOIR_OWN int strncmp(const char* a, const char* b, std::size_t most) {
  return memoir::plain_strncmp(a, b, most);
}

MEMOIR_OWN int strcmp(const char* a, const char* b) {
  return memoir::plain_strncmp(a, b, ~std::size_t{0});
}

MEMOIR_OWN char* strchr(const char* text, int byte) {
  return memoir::plain_strchr(text, byte);
}

MEMOIR_OWN char* strrchr(const char* text, int byte) {
  return memoir::plain_strrchr(text, byte);
}

MEMOIR_OWN std::size_t strspn(const char* text, const char* accepted) {
  std::size_t length = 0;
  while (text[length] != '\0' && strchr(accepted, text[length]) != nullptr) ++length;
  return length;
}

MEMOIR_OWN std::size_t strcspn(const char* text, const char* refused) {
  std::size_t length = 0;
  while (text[length] != '\0' && strchr(refused, text[length]) == nullptr) ++length;
  return length;
}

MEMOIR_OWN char* strstr(const char* text, const char* wanted) {
  const std::size_t length = strlen(wanted);
  for (; *text != '\0' || length == 0; ++text) {
    if (strncmp(text, wanted, length) == 0) return const_cast<char*>(text);
  }
  return nullptr;
}

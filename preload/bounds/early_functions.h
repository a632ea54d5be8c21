#pragma once

// The simplest form of what may be called before libc's own has been found.

#include <cstddef>

namespace memoir {

void* early_memcpy(void* to, const void* from, std::size_t size);
void* early_memmove(void* to, const void* from, std::size_t size);
void* early_memset(void* to, int byte, std::size_t size);
int early_memcmp(const void* a, const void* b, std::size_t size);
void* early_memchr(const void* in, int byte, std::size_t size);
std::size_t early_strlen(const char* text);
int early_strcmp(const char* a, const char* b);
int early_strncmp(const char* a, const char* b, std::size_t most);
char* early_strchr(const char* text, int byte);
char* early_strrchr(const char* text, int byte);

}  // namespace memoir

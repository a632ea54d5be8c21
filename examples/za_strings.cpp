// Strings put together in one buffer that lives as long as the function.
// Rows: ZA-74, ZA-E37

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "memoir/ziggy.h"

static std::string process_strings(memoir::allocation_context& context,
                                   const std::vector<std::string_view>& inputs) {
  auto defer = memoir::deferred_cleanup_scope::start();
  std::size_t bytes = 0;  // in UTF-8
  for (const std::string_view input : inputs) bytes += input.size();
  auto buffer = context.allocate_slice_deferred<char>(defer, bytes);
  std::size_t at = 0;
  for (const std::string_view input : inputs) {
    std::memcpy(buffer.span().subspan(at, input.size()).data(), input.data(),
                input.size());
    at += input.size();
  }
  return {buffer.begin(), buffer.end()};
}

int main() {
  memoir::allocation_context context;
  const std::string all = process_strings(context, {"Zürich, ", "東京, ", "Oslo"});
  std::printf("%s: %zu bytes\n", all.c_str(), all.size());
}

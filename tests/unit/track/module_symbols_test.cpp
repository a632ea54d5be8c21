#include "track/module_symbols.h"

#include <gtest/gtest.h>
#include <link.h>

#include <fstream>

#include "support/scratch_file.h"

extern "C" __attribute__((noinline)) int memoir_symbols_test_function(int number) {
  return number * 3 + 1;
}

namespace memoir {
namespace {

std::uint64_t own_bias() {
  std::uint64_t bias = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* to) {
        *static_cast<std::uint64_t*>(to) = info->dlpi_addr;
        return 1;  // the first one is the program
      },
      &bias);
  return bias;
}

TEST(ModuleSymbols, FindsTheFunctionsThatMatch) {
  MetadataArena arena;
  const auto address = reinterpret_cast<std::uint64_t>(&memoir_symbols_test_function);
  const MatchingFunctions found = find_matching_functions(
      "/proc/self/exe", own_bias(), "^memoir_symbols_test_function$", arena);
  ASSERT_EQ(found.count, 1u);
  EXPECT_TRUE(found.contain(address));
  EXPECT_FALSE(found.contain(address - 1));
  EXPECT_FALSE(found.contain(found.list[0].end));
}

TEST(ModuleSymbols, FindsNothingWhereNothingMatches) {
  MetadataArena arena;
  EXPECT_EQ(
      find_matching_functions("/proc/self/exe", 0, "no_such_function_$", arena).count,
      0u);
}

TEST(ModuleSymbols, IsNotMisledByFilesThatAreNoModules) {
  MetadataArena arena;
  const ScratchFile file;
  EXPECT_EQ(find_matching_functions("/no/such/file", 0, "", arena).count, 0u);
  std::ofstream(file.path()) << "\177ELF, but no more";
  EXPECT_EQ(find_matching_functions(file.path().c_str(), 0, "", arena).count, 0u);
}

// A file whose every part is there, and whose every number may be wrong.
TEST(ModuleSymbols, SurvivesDamagedModules) {
  MetadataArena arena;
  std::ifstream self("/proc/self/exe", std::ios::binary);
  std::string bytes(std::size_t{1} << 16, '\0');
  self.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ElfW(Ehdr) header;
  memcpy(&header, bytes.data(), sizeof header);
  for (const std::uint64_t where :
       {std::uint64_t{0}, std::uint64_t{64}, std::uint64_t{65500}, ~std::uint64_t{0}}) {
    header.e_shoff = where;
    memcpy(bytes.data(), &header, sizeof header);
    const ScratchFile file;
    std::ofstream(file.path(), std::ios::binary) << bytes;
    find_matching_functions(file.path().c_str(), 0, "m", arena);
  }
}

}  // namespace
}  // namespace memoir

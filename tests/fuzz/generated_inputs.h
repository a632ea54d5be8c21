#pragma once

// What a fuzz target is without libFuzzer: a program that runs it over generated inputs,
// the same ones each time and few enough for every build.
//
//   <target>                    runs them
//   <target> FILE...            runs what libFuzzer found
//   <target> --seeds N FOLDER   writes N of them, for libFuzzer to begin with

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace memoir {

using FuzzInput = std::vector<std::uint8_t>;

// Changes some bytes, and now and then cuts the end off.
inline void damage(FuzzInput& input, std::mt19937_64& random) {
  if (input.empty()) return;
  for (std::uint64_t n = 1 + random() % 6; n != 0; --n) {
    input[random() % input.size()] = static_cast<std::uint8_t>(random());
  }
  if (random() % 8 == 0) input.resize(1 + random() % input.size());
}

// `plausible(random)` makes an input that gets far; each is run whole, then damaged.
template <typename Plausible>
int fuzz_generated(int argc, char** argv, int rounds, Plausible plausible) {
  const auto run = [](const FuzzInput& input) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
  };
  std::mt19937_64 random(20);
  if (argc == 4 && std::string_view(argv[1]) == "--seeds") {
    for (int i = 0; i < std::atoi(argv[2]); ++i) {
      const FuzzInput input = plausible(random);
      std::ofstream file(std::string(argv[3]) + "/" + std::to_string(i),
                         std::ios::binary);
      file.write(reinterpret_cast<const char*>(input.data()),
                 static_cast<std::streamsize>(input.size()));
    }
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    run(FuzzInput(std::istreambuf_iterator<char>(file), {}));
  }
  if (argc > 1) return 0;
  for (int round = 0; round < rounds; ++round) {
    FuzzInput input = plausible(random);
    run(input);
    damage(input, random);
    run(input);
  }
  std::printf("%d inputs, no crash\n", 2 * rounds);
  return 0;
}

}  // namespace memoir

#include "symbolize/unpacked_debug_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <iterator>
#include <random>

#include "symbolize/symbolizer.h"
#include "unit/symbolize/compiled_fixture.h"

namespace memoir {
namespace {

constexpr const char* kSmallProgram = "int main(int n, char**) { return n - 1; }\n";

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : OpenFile(open(path.c_str(), O_RDONLY)) {}
  explicit OpenFile(int file) : file_(file) {}
  ~OpenFile() {
    if (file_ >= 0) close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int get() const { return file_; }
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file_);
  }

 private:
  int file_;
};

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, n);
  }
  pclose(pipe);
  return text;
}

TEST(UnpackedDebugFile, HoldsWhatThePackedOneDoes) {
  const CompiledFixture packed(kSmallProgram, "-g -gz=zlib");
  const OpenFile file(packed.program());
  const OpenFile unpacked(unpacked_debug_file(file.get()));
  if (unpacked.get() < 0) GTEST_SKIP() << "built without libdeflate";
  for (const char* section : {"info", "abbrev", "line", "str", "rnglists"}) {
    const std::string dump =
        std::string("readelf --debug-dump=no-follow-links -x .debug_") + section + " -z ";
    const std::string wanted = output_of(dump + packed.program() + " 2>&1");
    EXPECT_EQ(output_of(dump + unpacked.path() + " 2>&1"), wanted) << section;
  }
  EXPECT_EQ(output_of("readelf -tW " + unpacked.path() + " | grep -c COMPRESSED"), "0\n");
  EXPECT_EQ(output_of("readelf -sW " + unpacked.path()),
            output_of("readelf -sW " + packed.program()));
}

TEST(UnpackedDebugFile, NothingIsMadeOfAFileThatIsNotPacked) {
  const CompiledFixture plain(kSmallProgram, "-g -gz=none");
  const OpenFile file(plain.program());
  EXPECT_EQ(unpacked_debug_file(file.get()), -1);
  EXPECT_EQ(unpacked_debug_file(-1), -1);
}

TEST(UnpackedDebugFile, DamageDoesNoHarm) {
  const CompiledFixture packed(kSmallProgram, "-g -gz=zlib");
  std::ifstream source(packed.program(), std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(source), {});
  const std::string path = packed.folder() / "damaged";
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = whole;
    // The headers at both ends decide most.
    for (int i = 0; i < 4; ++i) {
      const std::size_t at = random() % 2048;
      damaged[random() % 2 == 0 ? at : damaged.size() - 1 - at] =
          static_cast<char>(random());
    }
    if (round % 4 == 0) damaged.resize(1 + random() % damaged.size());
    std::ofstream(path, std::ios::binary) << damaged;
    const OpenFile file(path);
    const OpenFile unpacked(unpacked_debug_file(file.get()));
  }
}

}  // namespace
}  // namespace memoir

#pragma once

// A small program that a test compiles for itself, and the return addresses inside it,
// found with its own markers: the fixture stores __builtin_return_address(0) of a callee.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "support/scratch_file.h"

namespace memoir {

class CompiledFixture {
 public:
  // `source` prints lines "name address", the address relative to the file.
  CompiledFixture(const std::string& source, const std::string& flags)
      : file_("fixture.cpp"), program_(file_.folder() / "fixture") {
    std::ofstream(file_.path()) << source;
    run("c++ -std=c++20 " + flags + " -Wl,--build-id -o " + program_.string() + " " +
        file_.path().string());
  }

  std::string program() const { return program_.string(); }
  std::string source_path() const { return file_.path().string(); }
  std::filesystem::path folder() const { return file_.folder(); }

  // Runs the program and reads what it prints.
  std::map<std::string, std::uint64_t> addresses() const {
    std::map<std::string, std::uint64_t> found;
    FILE* pipe = popen(program_.c_str(), "r");
    char name[64];
    unsigned long long address = 0;
    while (pipe != nullptr && std::fscanf(pipe, "%63s %llx", name, &address) == 2) {
      found[name] = address;
    }
    if (pipe != nullptr) pclose(pipe);
    return found;
  }

  std::string build_id() const {
    const std::string command =
        "readelf -n " + program() + " | sed -n 's/.*Build ID: //p'";
    FILE* pipe = popen(command.c_str(), "r");
    char text[128] = "";
    if (pipe != nullptr && std::fscanf(pipe, "%127s", text) != 1) text[0] = '\0';
    if (pipe != nullptr) pclose(pipe);
    return text;
  }

  static void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

 private:
  ScratchFile file_;
  std::filesystem::path program_;
};

}  // namespace memoir

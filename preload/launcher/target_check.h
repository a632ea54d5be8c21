#pragma once

// Finds the program to run and tells beforehand whether it can be traced: a preloaded
// library does not get into static, foreign or privileged programs, and none of them says
// so.
//
// Thread safety: any thread.

#include <filesystem>
#include <string>

namespace memoir {

// The file that `program` names, looked up in PATH when it has no slash. Throws Error
// (kCannotTrace) that says why it cannot be traced, and what to do.
std::filesystem::path find_traceable_program(const std::string& program);

}  // namespace memoir

#pragma once

// Call stacks of a large C++ program that does not exist: a tree of functions with the
// names that templates give, in a program and three libraries, with files and lines.

#include <cstdint>
#include <vector>

#include "random.h"
#include "trace/trace_writer.h"

class MadeUpStacks {
 public:
  // Interns `count` stacks that end in an allocation function.
  MadeUpStacks(memoir::TraceWriter& writer, std::size_t count, Random& random);

  const std::vector<memoir::TraceStackId>& stacks() const { return stacks_; }

  // Writes names, files and lines as symbolizing does, and packs the sites. Inside the
  // writer's transaction, after everything else.
  void write_symbols();

 private:
  struct Function {
    std::uint64_t name = 0;  // makes its name
    memoir::ModuleId module;
    std::uint64_t address = 0;
    bool skip = false;
  };
  // One call in a function.
  struct Frame {
    std::size_t function = 0;
    std::uint64_t line = 0;
  };

  std::size_t add_function(std::uint64_t name, memoir::ModuleId module, bool skip);
  memoir::FrameId call_in(std::size_t function, Random& random);
  memoir::TraceStackId push(memoir::TraceStackId parent, memoir::FrameId frame);

  memoir::TraceWriter& writer_;
  std::vector<Function> functions_;
  std::vector<Frame> frames_{1};          // by frame id
  std::vector<std::uint32_t> places_{0};  // by stack id: the frame it is attributed to
  std::vector<memoir::TraceStackId> stacks_;
};

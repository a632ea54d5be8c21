#pragma once

// Blocks by the call stacks that allocated them, with functions and lines. The memoir
// command looks them up (`memoir lines`); where it is not to be found, there are the
// names that the program exports.

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoir/detail/live_since.h"
#include "memoir/detail/spawned_output.h"

namespace memoir::detail {

struct NamedStack {
  std::size_t blocks = 0;
  std::size_t bytes = 0;
  // Innermost first: function, and file:line or nothing.
  std::vector<std::pair<std::string, std::string>> frames = {};
};

class StackNames {
 public:
  explicit StackNames(const LiveBlocks& blocks) {
    std::map<Stack, NamedStack> by_stack;
    for (const memoir_block& block : blocks) {
      Stack stack(kMostFrames);
      stack.resize(std::min(stack.size(), memoir_allocation_stack(
                                              block.begin, stack.data(), stack.size())));
      if (is_kept_by_others(stack)) continue;
      NamedStack& named = by_stack[std::move(stack)];
      ++named.blocks;
      named.bytes += block.size;
    }
    std::map<void*, Frames> names;
    for (const auto& [stack, named] : by_stack) {
      for (void* address : stack) names.emplace(address, Frames());
    }
    look_up(names);
    for (auto& [stack, named] : by_stack) {
      for (void* address : stack) {
        const Frames& frames = names[address];
        named.frames.insert(named.frames.end(), frames.begin(), frames.end());
      }
      stacks_.push_back(std::move(named));
    }
    std::stable_sort(stacks_.begin(), stacks_.end(),
                     [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  }

  // Most bytes first.
  const std::vector<NamedStack>& stacks() const { return stacks_; }

 private:
  static constexpr std::size_t kMostFrames = 64;
  static constexpr std::size_t kMostAtATime = 1000;
  using Stack = std::vector<void*>;
  using Frames = std::vector<std::pair<std::string, std::string>>;

  struct Place {
    std::string_view module = {};
    std::string_view function = {};  // that is exported
    std::uintptr_t offset = 0;       // in the file
    bool is_program = false;
  };

  static Place place_of(void* address) {
    Place place;
    Dl_info info;
    link_map* map = nullptr;
    // The address after a call may be that of the next function.
    char* const call = static_cast<char*>(address) - 1;
    if (dladdr1(call, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0) {
      return place;
    }
    if (info.dli_sname != nullptr) place.function = info.dli_sname;
    if (map == nullptr) return place;
    // "" for the program itself, which is called there as it was called by.
    place.module = map->l_name;
    place.is_program = place.module.empty();
    place.offset = reinterpret_cast<std::uintptr_t>(address) - map->l_addr;
    return place;
  }

  static std::string_view file_of(const Place& place) {
    return place.module.substr(place.module.rfind('/') + 1);
  }

  // The loader's memory of libraries and threads, and the buffers of streams: made when
  // they are first needed, and kept. Exceptions are freed by those who catch them.
  static bool is_kept_by_others(const Stack& stack) {
    for (void* address : stack) {
      const Place place = place_of(address);
      const std::string_view file = file_of(place);
      if (file.starts_with("ld-linux")) return true;
      if (place.function == "__cxa_allocate_exception") return true;
      if (!file.starts_with("libc.so")) return false;
      for (const char* kept : {"_IO_file_doallocate", "_IO_wfile_doallocate"}) {
        if (place.function == kept) return true;
      }
    }
    return false;
  }

  static std::string own_path() {
    std::string path(4096, '\0');
    const ssize_t n = readlink("/proc/self/exe", path.data(), path.size());
    path.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return path;
  }

  static std::string module_and_offset(std::string_view module, std::uintptr_t offset) {
    char text[32];
    std::snprintf(text, sizeof text, "+0x%zx", static_cast<std::size_t>(offset));
    return std::string(module) + text;
  }

  static void look_up(std::map<void*, Frames>& names) {
    const std::string program = own_path();
    std::string command(4096, '\0');
    command.resize(
        std::min(memoir_command(command.data(), command.size()), command.size() - 1));
    std::vector<std::string> words;
    std::vector<Frames*> asked;
    const auto ask = [&] {
      if (!asked.empty() && !command.empty()) read_answers(output_of(words), asked);
      words = {command, "lines"};
      asked.clear();
    };
    ask();
    for (auto& [address, frames] : names) {
      const Place place = place_of(address);
      // Memoir's own stand between the program and libc.
      if (file_of(place).starts_with("libmemoir_")) continue;
      const std::string where = module_and_offset(
          place.is_program ? std::string_view(program) : place.module, place.offset);
      frames.emplace_back(place.function.empty() ? where : place.function, "");
      if (!where.starts_with('/')) continue;
      words.push_back(where);
      asked.push_back(&frames);
      if (asked.size() == kMostAtATime) ask();
    }
    ask();
  }

  // A line for each function, and an empty one after each address. Those that are not the
  // program's allocated for it.
  static void read_answers(const std::string& text, const std::vector<Frames*>& asked) {
    std::size_t at = 0;
    for (Frames* frames : asked) {
      Frames found;
      for (;;) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) return;
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.empty()) break;
        const std::size_t place = std::min(line.find('\t'), line.size());
        const std::size_t owner = std::min(line.find('\t', place + 1), line.size());
        if (line.compare(owner, line.npos, "\tprogram") != 0) continue;
        found.emplace_back(line.substr(0, place),
                           line.substr(place + 1, owner - place - 1));
      }
      *frames = std::move(found);
    }
  }

  std::vector<NamedStack> stacks_ = {};
};

}  // namespace memoir::detail

#include "made_up_stacks.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "trace/database.h"

namespace {

using namespace memoir;

constexpr std::array kSpaces = {"acme",
                                "acme::storage::detail",
                                "acme::net::http2",
                                "acme::query",
                                "acme::render::scene",
                                "boost::asio::detail",
                                "acme::ui",
                                "acme::codec::(anonymous namespace)"};
constexpr std::array kClasses = {
    "record_cache", "session",       "expression_tree", "page_allocator", "tile_store",
    "scheduler",    "json_document", "string_pool",     "glyph_atlas",    "router"};
constexpr std::array kTypes = {
    "int",
    "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
    "acme::net::tls_stream<acme::net::tcp_socket>",
    "std::unique_ptr<acme::query::node, std::default_delete<acme::query::node> >",
    "acme::storage::key<unsigned long, 16ul>",
    "std::pair<unsigned int const, float>"};
constexpr std::array kVerbs = {"insert",     "parse_object",   "handle_read",
                               "rebalance",  "find_or_create", "build_index",
                               "on_message", "flush",          "operator()",
                               "clone",      "emplace_back",   "resolve"};
constexpr std::array kSkipped = {
    "operator new(unsigned long)", "malloc", "calloc",
    "__gnu_cxx::new_allocator<acme::query::node>::allocate(unsigned long, void const*)",
    "std::vector<int, std::allocator<int> >::_M_realloc_insert<int const&>(__gnu_cxx::"
    "__normal_iterator<int*, std::vector<int, std::allocator<int> > >, int const&)"};
constexpr std::uint64_t kSkippedName = std::uint64_t{1} << 40;
constexpr std::size_t kDeepest = 48;

template <typename Words>
const char* pick(const Words& words, std::uint64_t& name) {
  const char* word = words[name % words.size()];
  name /= words.size();
  return word;
}

// A number to the name of a function, each to one of its own.
std::string function_name(std::uint64_t name) {
  if (name == 0) return "main";
  if (name >= kSkippedName) return kSkipped[name - kSkippedName];
  const std::uint64_t number = name;
  std::string text = pick(kSpaces, name);
  text += "::" + std::string(pick(kClasses, name));
  if (number % 3 != 0) {
    text += std::string("<") + pick(kTypes, name);
    if (number % 5 == 0) text += std::string(", ") + pick(kTypes, name);
    text += text.back() == '>' ? " >" : ">";
  }
  text += std::string("::") + pick(kVerbs, name);
  if (number % 7 == 0)
    text += "::{lambda(auto:1&&)#" + std::to_string(1 + number % 4) + "}::operator()";
  text += "_" + std::to_string(number) + "(";
  text += std::string(kTypes[number % kTypes.size()]) + " const&, unsigned long)";
  return text;
}

std::string file_name(std::uint64_t name) {
  std::string text = "/home/build/acme/src/";
  text += kClasses[name % kClasses.size()];
  return text + "/" +
         kVerbs[name / 13 % kVerbs.size() == 8 ? 0 : name / 13 % kVerbs.size()] + "_" +
         std::to_string(name % 97) + (name % 4 == 0 ? ".h" : ".cpp");
}

}  // namespace

MadeUpStacks::MadeUpStacks(TraceWriter& writer, std::size_t count, Random& random)
    : writer_(writer) {
  const std::array modules = {
      writer.intern_module("/opt/acme/bin/acme-server", "a1"),
      writer.intern_module("/opt/acme/lib/libacme-storage.so.4", "b2"),
      writer.intern_module("/opt/acme/lib/libacme-render.so.4", "c3")};
  const ModuleId libc = writer.intern_module("/usr/lib/x86_64-linux-gnu/libc.so.6", "d4");
  std::vector<std::size_t> skipped;
  for (std::size_t i = 0; i < kSkipped.size(); ++i) {
    skipped.push_back(add_function(kSkippedName + i, libc, true));
  }
  const std::size_t main = add_function(0, modules[0], false);
  const std::size_t functions = std::clamp<std::size_t>(count / 4, 50, 8000);
  for (std::size_t i = 0; i < functions; ++i) {
    add_function(1 + i * 37, modules[random.below(modules.size())], false);
  }
  const auto any_function = [&] { return main + 1 + random.below(functions); };

  struct Node {
    TraceStackId stack;
    std::size_t depth = 0;
  };
  std::vector<Node> nodes{{push({}, call_in(main, random)), 1}};
  while (stacks_.size() < count) {
    const std::size_t near = std::min<std::size_t>(nodes.size(), 24);
    const Node from = random.below(10) < 7 ? nodes[nodes.size() - 1 - random.below(near)]
                                           : nodes[random.below(nodes.size())];
    if (from.depth < kDeepest) {
      nodes.push_back(
          {push(from.stack, call_in(any_function(), random)), from.depth + 1});
    }
    if (random.below(2) == 0) continue;
    TraceStackId leaf = push(nodes.back().stack, call_in(any_function(), random));
    if (random.below(3) == 0)
      leaf = push(leaf, call_in(skipped[3 + random.below(2)], random));
    stacks_.push_back(push(leaf, call_in(skipped[random.below(3)], random)));
  }
}

std::size_t MadeUpStacks::add_function(std::uint64_t name, ModuleId module, bool skip) {
  functions_.push_back({name, module, 0x1000 + functions_.size() * 512, skip});
  return functions_.size() - 1;
}

FrameId MadeUpStacks::call_in(std::size_t function, Random& random) {
  const Function& in = functions_[function];
  const std::uint64_t call = random.below(6);
  const FrameId frame = writer_.intern_frame(in.module, in.address + 16 + call * 16);
  if (frame.value >= frames_.size()) frames_.resize(frame.value + 1);
  frames_[frame.value] = {function, 20 + in.name % 900 + call * 7};
  return frame;
}

TraceStackId MadeUpStacks::push(TraceStackId parent, FrameId frame) {
  const TraceStackId stack = writer_.intern_stack(parent, frame);
  if (stack.value >= places_.size()) places_.resize(stack.value + 1);
  const bool skip = functions_[frames_[frame.value].function].skip;
  places_[stack.value] = skip ? places_[parent.value] : frame.value;
  return stack;
}

void MadeUpStacks::write_symbols() {
  Database& database = writer_.database();
  Statement put_line = database.prepare("INSERT INTO frame_line VALUES(?,0,?,?,?,0,?)");
  Statement put_string = database.prepare("INSERT INTO string VALUES(?,?)");
  std::unordered_map<std::string, std::int64_t> strings;
  const auto intern = [&](const std::string& text) {
    const auto [known, is_new] =
        strings.try_emplace(text, static_cast<std::int64_t>(strings.size() + 1));
    if (is_new) put_string.run(known->second, text);
    return known->second;
  };
  for (std::uint32_t id = 1; id < frames_.size(); ++id) {
    const Function& function = functions_[frames_[id].function];
    const std::int64_t name = intern(function_name(function.name));
    if (function.name >= kSkippedName) {
      put_line.run(id, name, std::optional<std::int64_t>{}, std::optional<std::int64_t>{},
                   1);
    } else {
      put_line.run(id, name, intern(file_name(function.name)), frames_[id].line, 0);
    }
  }
  writer_.pack_sites(places_);
}

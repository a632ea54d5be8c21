#include "analyze/filter_stacks.h"

#include <gtest/gtest.h>

#include <string>

#include "analyze/filter_blocks.h"
#include "analyze/filter_completion.h"
#include "support/made_stacks.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

Filter filter_of(const std::string& text) {
  const ParsedFilter parsed = parse_filter(text);
  EXPECT_FALSE(parsed.error) << text;
  return parsed.filter;
}

class FilterStacksTest : public testing::Test {
 protected:
  FilterStacksTest() {
    names_.stacks = made_.store();
    names_.threads = {{{1}, 1, 100, "main"},
                      {{1}, 2, 101, "worker-a"},
                      {{1}, 3, 102, "worker-b"},
                      {{2}, 1, 200, "main"}};
    names_.pools = {{{1}, 4, "arena", "frames"},
                    {{1}, 7, "pool", "nodes"},
                    {{2}, 4, "pool", "nodes"}};
    names_.apis = {"", "malloc", "operator new"};
  }

  // One letter for each stack that is taken.
  std::string taken(const std::string& text) const {
    const auto set = select_stacks(filter_of(text), *made_.store());
    std::string letters;
    for (const auto& [letter, stack] : {std::pair('a', a_), std::pair('b', b_),
                                        std::pair('c', c_), std::pair('-', none_)}) {
      if (set == nullptr || set->contains(stack.value)) letters += letter;
    }
    return letters;
  }
  CompiledFilter compiled(const std::string& text, ProcessId process = {1}) const {
    return compile_blocks(filter_of(text), names_, nullptr, process);
  }

  MadeStacks made_;
  const TraceStackId a_ = made_.stack({{"main", "/src/main.c", 1},
                                       {"json::parse_token", "/src/json.c", 10},
                                       {"malloc", "", 0, FrameClass::kAllocator}});
  const TraceStackId b_ =
      made_.stack({{"main", "/src/main.c", 1}, {"render", "/usr/include/render.h", 20}});
  const TraceStackId c_ =
      made_.stack({{"main", "/src/main.c", 2}, {"render", "/usr/include/render.h", 20}});
  const TraceStackId none_{};
  FilterNames names_;
};

TEST_F(FilterStacksTest, JudgesThePlaceOfAStack) {
  EXPECT_EQ(taken(""), "abc-");
  EXPECT_EQ(taken("fn:parse"), "a");
  EXPECT_EQ(taken("-fn:parse"), "bc-");
  EXPECT_EQ(taken("patok"), "a");
  EXPECT_EQ(taken("main"), "");
  EXPECT_EQ(taken("file:/usr"), "bc");
  EXPECT_EQ(taken("-file:/usr"), "a-");
  EXPECT_EQ(taken("module:app"), "abc");
  EXPECT_EQ(taken("fn:malloc"), "");
  EXPECT_EQ(taken("render -file:/src"), "bc");
}

TEST_F(FilterStacksTest, LooksAnywhereInAStack) {
  EXPECT_EQ(taken("via:main"), "abc");
  EXPECT_EQ(taken("via:malloc"), "a");
  EXPECT_EQ(taken("\"json\""), "a");
  EXPECT_EQ(taken("-\"render.h\""), "a-");
  EXPECT_EQ(taken("\"/opt/app\""), "abc");
}

TEST_F(FilterStacksTest, TakesStacksByNumber) {
  EXPECT_EQ(taken("stack:" + std::to_string(b_.value)), "b");
  EXPECT_EQ(taken("site:" + std::to_string(b_.value)), "bc");
  EXPECT_EQ(taken("site:4711"), "");
  EXPECT_EQ(taken("-stack:" + std::to_string(b_.value)), "ac-");
}

TEST_F(FilterStacksTest, FiltersSitesAndLeaks) {
  std::vector<SiteEntry> sites(3);
  sites[0] = {a_, {}, {1}, 1, {.live_blocks = 1}};
  sites[1] = {b_, {}, {1}, 2, {.temporary = 5}};
  sites[2] = {b_, {}, {2}, 2, {}};
  const auto count = [&](const std::string& text) {
    const Filter filter = filter_of(text);
    const auto set = select_stacks(filter, *made_.store());
    return filter_sites(filter, set.get(), sites, names_).size();
  };
  EXPECT_EQ(count(""), 3U);
  EXPECT_EQ(count("leaked"), 1U);
  EXPECT_EQ(count("-leaked"), 2U);
  EXPECT_EQ(count("temp"), 1U);
  EXPECT_EQ(count("render"), 2U);
  EXPECT_EQ(count("render process:2"), 1U);
  EXPECT_EQ(count("api:malloc"), 1U);
  EXPECT_EQ(count("-api:new"), 1U);

  std::vector<Leak> leaks(2);
  leaks[0].leak_class = "definite";
  leaks[0].heaviest_stack = a_;
  leaks[1].leak_class = "unknown";
  leaks[1].heaviest_stack = b_;
  EXPECT_EQ(filter_leaks(filter_of("class:definite"), nullptr, leaks).size(), 1U);
  EXPECT_EQ(filter_leaks(filter_of("-class:definite leaked"), nullptr, leaks).size(), 1U);
}

TEST_F(FilterStacksTest, CompilesToConditionsOfBlocks) {
  EXPECT_TRUE(compiled("").blocks.is_all());
  EXPECT_FALSE(needs_blocks(filter_of("parse leaked class:unknown")));
  EXPECT_TRUE(needs_blocks(filter_of("parse size>1")));
  const CompiledFilter some = compiled("size>64 size<100 -age>1s t:1s..2s leaked -temp");
  EXPECT_FALSE(some.error);
  EXPECT_FALSE(some.takes_nothing);
  EXPECT_EQ(some.blocks.size.least, 65U);
  EXPECT_EQ(some.blocks.size.most, 99U);
  EXPECT_EQ(some.blocks.life.most, 1'000'000'000U);
  EXPECT_EQ(some.blocks.made.least, 1'000'000'000U);
  EXPECT_EQ(some.blocks.leaked, true);
  EXPECT_EQ(some.blocks.temporary, false);
  EXPECT_EQ(compiled("addr:10").blocks.address, 16U);
  EXPECT_EQ(compiled("thread:worker").blocks.threads, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(compiled("thread:worker -thread:102").blocks.threads,
            std::vector<std::uint32_t>{2});
  EXPECT_EQ(compiled("pool:nodes").blocks.pool, 7U);
  EXPECT_EQ(compiled("pool:nodes", {2}).blocks.pool, 4U);
  EXPECT_EQ(compiled("pool:*").blocks.pool, 0U);
}

TEST_F(FilterStacksTest, SeesWhatCannotBe) {
  for (const char* text :
       {"size>10 size<5", "leaked -leaked", "thread:nobody", "process:2", "pool:none",
        "addr:1 addr:2", "thread:100 thread:101", "-size>=0"}) {
    EXPECT_TRUE(compiled(text).takes_nothing) << text;
    EXPECT_FALSE(compiled(text).error) << text;
  }
  for (const char* text : {"a -size:1..2", "a class:unknown", "a api:malloc",
                           "a -addr:10", "a -pool:nodes"}) {
    const CompiledFilter refused = compiled(text);
    ASSERT_TRUE(refused.error) << text;
    EXPECT_EQ(refused.error->begin, 2U);
  }
  EXPECT_TRUE(compiled("pool:e").error) << "frames and nodes";
}

TEST_F(FilterStacksTest, ProposesWhatMayFollow) {
  const auto first = [&](const std::string& text) {
    const FilterCompletion completion = complete_filter(text, text.size(), names_);
    if (completion.proposals.empty()) return std::string();
    return text.substr(0, completion.begin) + completion.proposals.front().text +
           text.substr(completion.end);
  };
  EXPECT_EQ(first("leaked si"), "leaked size>");
  EXPECT_EQ(first("lea"), "leaked ");
  EXPECT_EQ(first("-te"), "-temp ");
  EXPECT_EQ(first("fn:par"), "fn:json::parse_token ");
  EXPECT_EQ(first("x -via:\"ren"), "x -via:render ");
  EXPECT_EQ(first("thread:wo"), "thread:worker-a ");
  EXPECT_EQ(first("pool:no"), "pool:nodes ");
  EXPECT_EQ(first("class:in"), "class:in_pool ");
  EXPECT_EQ(first("api:new"), "api:\"operator new\" ");
  EXPECT_EQ(first("file:json"), "file:/src/json.c ");
  EXPECT_EQ(first("module:a"), "module:app ");
  EXPECT_EQ(first("patok"), "fn:json::parse_token ");
  EXPECT_EQ(complete_filter("", 0, names_).proposals.size(), 12U);
  EXPECT_EQ(complete_filter("fn:x y", 99, names_).begin, 5U);
  // All proposals can be parsed.
  for (const char* text : {"", "fn:", "via:m", "class:", "api:", "r", "-"}) {
    for (const auto& one : complete_filter(text, 9, names_, 100).proposals) {
      if (one.text.ends_with(' ')) {
        EXPECT_FALSE(parse_filter(one.text).error) << one.text;
      }
    }
  }
}

TEST(FilterNames, AreReadFromATrace) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  Database& database = trace.writer().database();
  const FilterNames names =
      load_filter_names(database, std::make_shared<const StackStore>(database));
  ASSERT_EQ(names.threads.size(), 3U);
  EXPECT_EQ(names.threads[1].name, "worker");
  EXPECT_NE(std::find(names.apis.begin(), names.apis.end(), "malloc"), names.apis.end());
  const auto set = select_stacks(parse_filter("leak_here").filter, *names.stacks);
  const auto sites = read_sites(database, SiteKind::kHeap);
  const auto taken = filter_sites({}, set.get(), sites, names);
  EXPECT_EQ(taken.size(), 2U);
}

}  // namespace
}  // namespace memoir

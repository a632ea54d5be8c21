#include "analyze/call_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "analyze/hotspots.h"
#include "support/made_stacks.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

using testing::ElementsAre;

// "main 100/0 (parse 80/20 (f 60/60) render 20/20)": names, inclusive and exclusive
// value.
std::string shape(const CallTree& tree, std::uint32_t index = 0) {
  const CallNode& node = tree.node(index);
  std::string text = std::string(tree.name(index)) + " " +
                     std::to_string(node.inclusive.value) + "/" +
                     std::to_string(node.exclusive.value);
  if (node.children == 0) return text;
  text += " (";
  for (std::uint32_t i = 0; i < node.children; ++i) {
    text += (i == 0 ? "" : " ") + shape(tree, node.first_child + i);
  }
  return text + ")";
}

void expect_sound(const CallTree& tree, const Cost& total) {
  EXPECT_EQ(tree.root().inclusive, total);
  for (std::uint32_t i = 0; i < tree.nodes().size(); ++i) {
    const CallNode& node = tree.node(i);
    Cost sum = node.exclusive;
    for (std::uint32_t k = 0; k < node.children; ++k) {
      const CallNode& child = tree.node(node.first_child + k);
      EXPECT_EQ(child.parent, i);
      EXPECT_EQ(child.depth, node.depth + 1);
      EXPECT_GT(node.first_child + k, i);
      if (k > 0 && child.kind != CallNode::Kind::kOther) {
        EXPECT_LE(child.inclusive.weight,
                  tree.node(node.first_child + k - 1).inclusive.weight);
      }
      sum.add(child.inclusive);
    }
    EXPECT_EQ(node.inclusive, sum);
  }
}

class CallTreeTest : public testing::Test {
 protected:
  void spend(const std::vector<MadeStacks::Line>& lines, std::int64_t value) {
    costs_.push_back({made_.stack(lines), plain_cost(value, 1)});
  }
  CallTree tree(const CallTreeOptions& options = {}) {
    CallTree tree(made_.store(), costs_, options);
    expect_sound(tree, total_cost(costs_));
    return tree;
  }
  static CallTreeOptions bottom_up() {
    CallTreeOptions options;
    options.direction = TreeDirection::kBottomUp;
    return options;
  }

  MadeStacks made_;
  std::vector<StackCost> costs_;
};

TEST_F(CallTreeTest, MergesStacksFromBothEnds) {
  spend({"main", "parse", "push_back"}, 50);
  spend({"main", "parse", "new_node"}, 30);
  spend({"main", "render", "push_back"}, 20);
  EXPECT_EQ(shape(tree()),
            "(all) 100/0 (main 100/0 (parse 80/0 (push_back 50/50 new_node 30/30)"
            " render 20/0 (push_back 20/20)))");
  EXPECT_EQ(
      shape(tree(bottom_up())),
      "(all) 100/0 (push_back 70/0 (parse 50/0 (main 50/50) render 20/0 (main 20/20))"
      " new_node 30/0 (parse 30/0 (main 30/30)))");
}

TEST_F(CallTreeTest, CountsWhatIsSpentOnTheWay) {
  spend({"main"}, 1);
  spend({"main", "f"}, 2);
  spend({"main", "f"}, 3);
  spend({"main", "f", "g"}, 4);
  const CallTree top = tree();
  EXPECT_EQ(shape(top), "(all) 10/0 (main 10/1 (f 9/5 (g 4/4)))");
  EXPECT_EQ(top.root().inclusive.count, 4);
  EXPECT_EQ(top.depth(), 3U);
  EXPECT_THAT(top.path(3), ElementsAre(1, 2, 3));
  EXPECT_EQ(shape(tree(bottom_up())),
            "(all) 10/0 (f 5/0 (main 5/5) g 4/0 (f 4/0 (main 4/4)) main 1/1)");
}

TEST_F(CallTreeTest, TellsLinesApartWhenAsked) {
  spend({{"main", "m.c", 1}, {"f", "f.c", 5}}, 1);
  spend({{"main", "m.c", 2}, {"f", "f.c", 5}}, 2);
  EXPECT_EQ(shape(tree()), "(all) 3/0 (main 3/0 (f 3/3))");
  CallTreeOptions options;
  options.by_line = true;
  const CallTree by_line = tree(options);
  EXPECT_EQ(shape(by_line), "(all) 3/0 (main 2/0 (f 2/2) main 1/0 (f 1/1))");
  EXPECT_EQ(by_line.node(1).line, 2U);
  EXPECT_EQ(by_line.file(1), "m.c");
}

TEST_F(CallTreeTest, HidesTheAllocator) {
  const std::vector<MadeStacks::Line> lines = {
      "main",
      {"std::vector", "", 0, FrameClass::kAllocator},
      "mine",
      {"malloc", "", 0, FrameClass::kMemoir}};
  spend(lines, 8);
  EXPECT_EQ(shape(tree()), "(all) 8/0 (main 8/0 (mine 8/8))");
  EXPECT_EQ(shape(tree(bottom_up())), "(all) 8/0 (mine 8/0 (main 8/8))");
  CallTreeOptions options;
  options.hide_allocator = false;
  EXPECT_EQ(shape(tree(options)),
            "(all) 8/0 (main 8/0 (std::vector 8/0 (mine 8/0 (malloc 8/8))))");
}

TEST_F(CallTreeTest, HidesTheSystem) {
  const TraceStackId outer = made_.stack({"main"});
  made_.module("/usr/lib/libsort.so");
  const TraceStackId sort = made_.add(outer, made_.frame({{"qsort"}}));
  made_.module("/opt/app/app");
  const TraceStackId compare = made_.add(sort, made_.frame({{"compare"}}));
  costs_.push_back({sort, plain_cost(1, 1)});
  costs_.push_back({compare, plain_cost(2, 1)});
  CallTreeOptions options;
  options.hide_system = true;
  EXPECT_EQ(shape(tree(options)), "(all) 3/0 (main 3/1 (compare 2/2))");
}

TEST_F(CallTreeTest, ShowsInlinedFunctions) {
  const TraceStackId main = made_.stack({"main"});
  const TraceStackId stack = made_.add(main, made_.frame({{"inner"}, {"outer"}}));
  costs_.push_back({stack, plain_cost(3, 1)});
  EXPECT_EQ(shape(tree()), "(all) 3/0 (main 3/0 (outer 3/0 (inner 3/3)))");
}

TEST_F(CallTreeTest, CollapsesRecursion) {
  spend({"main", "f", "f", "f", "g"}, 1);
  spend({"main", "f", "g"}, 2);
  CallTreeOptions options;
  options.collapse_recursion = true;
  EXPECT_EQ(shape(tree(options)), "(all) 3/0 (main 3/0 (f 3/0 (g 3/3)))");
  options.direction = TreeDirection::kBottomUp;
  EXPECT_EQ(shape(tree(options)), "(all) 3/0 (g 3/0 (f 3/0 (main 3/3)))");
}

TEST_F(CallTreeTest, PutsTheSmallIntoOther) {
  spend({"main", "big"}, 970);
  spend({"main", "small", "below"}, 9);
  spend({"main", "tiny"}, 1);
  spend({"edge"}, 20);
  CallTreeOptions options;
  options.min_share = 0.01;
  EXPECT_EQ(shape(tree(options)),
            "(all) 1000/0 (main 980/0 (big 970/970 (other) 10/10) edge 20/20)");
  options.direction = TreeDirection::kBottomUp;
  EXPECT_EQ(shape(tree(options)),
            "(all) 1000/0 (big 970/0 (main 970/970) edge 20/20 (other) 10/10)");
}

TEST_F(CallTreeTest, HasAPlaceForWhatHasNoStack) {
  costs_.push_back({{}, plain_cost(5, 1)});
  costs_.push_back({{4711}, plain_cost(6, 1)});
  EXPECT_EQ(shape(tree()), "(all) 11/0 ((no call stack) 11/11)");
  EXPECT_EQ(shape(tree(bottom_up())), "(all) 11/0 ((no call stack) 11/11)");
}

TEST_F(CallTreeTest, TakesDifferencesAndForgedFigures) {
  costs_.push_back({made_.stack({"main", "grew"}), difference_cost(10, 30, 2)});
  costs_.push_back({made_.stack({"main", "shrank"}), difference_cost(25, 0, -1)});
  const CallTree differences = tree();
  EXPECT_EQ(shape(differences), "(all) -5/0 (main -5/0 (grew 20/20 shrank -25/-25))");
  EXPECT_EQ(differences.root().inclusive.before, 35);
  EXPECT_EQ(differences.root().inclusive.weight, 55);

  costs_.clear();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const char* name : {"a", "b", "c"}) {
    costs_.push_back({made_.stack({"main", name}), plain_cost(kMost, kMost)});
  }
  CallTreeOptions options;
  options.min_share = 1;
  EXPECT_EQ(tree(options).root().inclusive.value, kMost);
}

TEST_F(CallTreeTest, IsSoundForAnyStacks) {
  std::mt19937 random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<MadeStacks::Line> lines;
    const std::size_t depth = 1 + random() % 12;
    for (std::size_t k = 0; k < depth; ++k) {
      const auto frame_class =
          random() % 6 == 0 ? FrameClass::kAllocator : FrameClass::kProgram;
      const std::string name(1, static_cast<char>('a' + random() % 6));
      lines.emplace_back(frame_class == FrameClass::kProgram ? name : "std::" + name,
                         "f.c", random() % 3, frame_class);
    }
    spend(lines, random() % 1000);
  }
  for (const auto direction : {TreeDirection::kTopDown, TreeDirection::kBottomUp}) {
    for (const double share : {0.0, 0.001, 0.1}) {
      for (int flags = 0; flags < 16; ++flags) {
        tree({direction, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0,
              (flags & 8) != 0, share});
      }
    }
  }
  // Any order of the costs makes the same tree.
  const std::string in_order = shape(tree());
  std::shuffle(costs_.begin(), costs_.end(), random);
  EXPECT_EQ(shape(tree()), in_order);
}

TEST(CallTreeOfATrace, SaysWhatSitesSay) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  Database& database = trace.writer().database();
  const auto store = std::make_shared<const StackStore>(database);
  for (const SiteKind kind : {SiteKind::kHeap, SiteKind::kMapping}) {
    const std::vector<SiteEntry> entries = read_sites(database, kind);
    const CallSites sites(database, kind);
    for (const SiteOrder order : kSiteOrders) {
      CallTreeOptions options;
      options.by_line = true;
      const CallTree tree(store, site_costs(entries, order), options);
      EXPECT_EQ(static_cast<std::uint64_t>(tree.root().inclusive.value),
                sites.total().value(order));
      // Innermost functions of the program are the call sites.
      options.direction = TreeDirection::kBottomUp;
      const CallTree places(store, site_costs(entries, order), options);
      for (const CallSite& site : sites.top(order, 100)) {
        if (site.figures.value(order) == 0) continue;
        std::uint64_t found = 0;
        for (std::uint32_t i = 0; i < places.root().children; ++i) {
          const std::uint32_t node = places.root().first_child + i;
          if (places.name(node) == site.function && places.file(node) == site.file &&
              places.node(node).line == site.line) {
            found += static_cast<std::uint64_t>(places.node(node).inclusive.value);
          }
        }
        EXPECT_EQ(found, site.figures.value(order)) << site.function;
      }
    }
  }
}

}  // namespace
}  // namespace memoir

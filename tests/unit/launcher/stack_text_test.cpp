#include "launcher/stack_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace memoir {
namespace {

StackFrame frame(const std::string& function, int line) {
  StackFrame made;
  made.function = function;
  made.file = "app.c";
  made.line = line;
  made.module = "/bin/app";
  return made;
}

std::string render(const std::vector<StackFrame>& frames, std::size_t most) {
  TextStyle style;
  style.width = 40;
  return render_stack(frames, 2, most, style);
}

TEST(StackText, RecursionTakesOneLine) {
  std::vector<StackFrame> frames(1001, frame("recurse", 5));
  frames.push_back(frame("main", 6));
  frames.push_back(frame("__libc_start_main", 1));
  EXPECT_EQ(render(frames, 8),
            "  recurse                app.c:5 x 1,001\n"
            "  main                           app.c:6\n");
}

TEST(StackText, ADeepStackKeepsBothEnds) {
  std::vector<StackFrame> frames;
  for (int i = 0; i < 10; ++i) frames.push_back(frame("f" + std::to_string(i), i + 1));
  frames.insert(frames.begin() + 5, 3, frame("f5", 6));
  frames.push_back(frame("main", 99));
  EXPECT_EQ(render(frames, 4),
            "  f0                             app.c:1\n"
            "  f1                             app.c:2\n"
            "  f2                             app.c:3\n"
            "  ... 10 more ...\n"
            "  main                          app.c:99\n");
}

TEST(StackText, MutualRecursionIsLeftAsItIs) {
  const std::vector<StackFrame> frames = {frame("even", 1), frame("odd", 2),
                                          frame("even", 1), frame("main", 3)};
  EXPECT_EQ(render(frames, 8),
            "  even                           app.c:1\n"
            "  odd                            app.c:2\n"
            "  even                           app.c:1\n"
            "  main                           app.c:3\n");
}

}  // namespace
}  // namespace memoir

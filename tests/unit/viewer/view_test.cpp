#include "viewer/view.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

View with_filter(const std::string& filter) {
  View view;
  view.filter = filter;
  return view;
}

TEST(ViewHistory, GoesBackAndForward) {
  ViewHistory history;
  EXPECT_FALSE(history.can_go_back());
  history.go(with_filter("a"));
  history.go(with_filter("b"));
  history.back();
  EXPECT_EQ(history.current().filter, "a");
  EXPECT_TRUE(history.can_go_forward());
  history.forward();
  EXPECT_EQ(history.current().filter, "b");
  history.back();
  history.back();
  history.back();
  EXPECT_EQ(history.current().filter, "");
}

TEST(ViewHistory, ANewStepForgetsWhatWasAhead) {
  ViewHistory history;
  history.go(with_filter("a"));
  history.back();
  history.go(with_filter("b"));
  EXPECT_FALSE(history.can_go_forward());
  history.back();
  EXPECT_EQ(history.current().filter, "");
}

TEST(ViewHistory, TheSameViewIsNoStep) {
  ViewHistory history;
  history.go(View());
  EXPECT_FALSE(history.can_go_back());
}

TEST(ViewHistory, KeepsTheNewestOfVeryMany) {
  ViewHistory history;
  for (int i = 0; i < 1000; ++i) history.go(with_filter(std::to_string(i)));
  int steps = 0;
  while (history.can_go_back()) {
    history.back();
    ++steps;
  }
  EXPECT_LT(steps, 1000);
  EXPECT_GT(steps, 100);
}

TEST(Panels, AreFoundByName) {
  for (const PanelRow& row : all_panels()) EXPECT_EQ(parse_panel(row.name), row.id);
  EXPECT_EQ(parse_panel("no such"), std::nullopt);
}

}  // namespace
}  // namespace memoir

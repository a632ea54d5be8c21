#pragma once

// The call tree as a flame graph: as wide as it costs. A click goes into a function,
// Backspace out again, the wheel nearer; what is searched is bright, with its share.

#include <cstdint>
#include <string>

#include "analyze/flame_layout.h"
#include "viewer/panel.h"
#include "viewer/panels/tree_source.h"

struct ImVec2;

namespace memoir {

class FlamePanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return source_.is_waiting(); }
  void forget() override;

 private:
  void draw_search(const CallTree& tree);
  void draw_graph(const CallTree& tree, PanelContext& context);
  void draw_rect(const CallTree& tree, const FlameRect& rect, ImVec2 origin, float height,
                 bool is_hovered) const;
  std::uint32_t colour_of(const CallTree& tree, std::uint32_t node) const;
  std::string box_text(const CallTree& tree, const FlameRect& rect) const;
  void move(const CallTree& tree, PanelContext& context, const FlameRect* under,
            float mouse_part);

  TreeSource source_{"flame"};
  std::uint64_t tree_version_ = 0;
  FlameView view_;
  bool is_icicle_ = true;  // the root is at the top
  std::string search_text_, searched_;
  FlameSearch search_;
};

}  // namespace memoir

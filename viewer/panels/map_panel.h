#pragma once

// The heap at a moment by address: its regions with their holes, and a picture of the
// memory of one, in which one can go nearer.

#include <imgui.h>

#include <map>
#include <memory>
#include <vector>

#include "analyze/heap_map.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/block_question.h"
#include "viewer/widgets/table.h"

namespace memoir {

class MapPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return map_.is_running(); }
  void forget() override;

 private:
  enum class Colour { kSite, kAge, kFill };
  // What the picture shows: [begin, end), `across` cells in a row.
  struct Window {
    std::uint64_t begin = 0, end = 0;
    friend bool operator==(const Window&, const Window&) = default;
  };

  void ask(PanelContext& context, const BlockQuestion& question);
  void draw_head(PanelContext& context);
  void draw_regions(PanelContext& context);
  void draw_picture(PanelContext& context, const BlockQuestion& question);
  void draw_holes(const HeapRegion& region);
  void move_by_mouse(PanelContext& context, const BlockQuestion& question, ImVec2 at,
                     ImVec2 size);
  ImU32 colour_of(const HeapCell& cell, std::uint64_t bytes) const;
  std::uint64_t address_at(ImVec2 at, ImVec2 mouse) const;
  void show(const Window& window);

  Answer<std::shared_ptr<const HeapMap>> map_;
  std::uint64_t seen_version_ = 0;
  std::size_t region_ = 0;
  Window window_, whole_;
  Colour colour_ = Colour::kSite;
  Table table_{0, false};
  float regions_height_ = 0;

  // The cells of the picture, and what they were computed for.
  std::vector<HeapCell> cells_;
  Window cells_of_;
  std::size_t across_ = 0, down_ = 0;
};

}  // namespace memoir

#pragma once

// What the viewer said since it was started.

#include "viewer/panel.h"

namespace memoir {

class LogPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return false; }
  void forget() override {}
};

}  // namespace memoir

#pragma once

// One tab of the viewer. A panel draws what it knows for the current view, asks workers
// for what it does not, and changes the view when somebody clicks.
//
// Thread safety: the thread that draws.

#include <memory>

#include "viewer/view.h"

namespace memoir {

class App;
class TraceSession;

// What a panel may use of the whole while it draws.
struct PanelContext {
  App& app;
  TraceSession& session;  // is open
};

class Panel {
 public:
  virtual ~Panel() = default;
  // Into the current child window, all of which is the panel's.
  virtual void draw(PanelContext& context) = 0;
  // Asked something that is not answered yet.
  virtual bool is_waiting() const = 0;
  // The trace was closed: nothing of it may be kept.
  virtual void forget() = 0;
};

// Makes each of the panels; defined by them.
std::unique_ptr<Panel> make_panel(PanelId panel);

}  // namespace memoir

// The viewer opens damaged traces: every panel is drawn, a moment, a range and rows are
// chosen. What it shows may be wrong or an error; nothing worse.
//
//   viewer_damage_fuzz            some of them, for every day
//   MEMOIR_DAMAGES=10000 viewer_damage_fuzz
//   viewer_damage_fuzz PAGE N     one damage again, as a failure named it

#include "fuzz/damaged_traces.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace {

using namespace memoir;

constexpr std::chrono::seconds kHangs{60};

class Visitor {
 public:
  bool visit(const std::filesystem::path& path) {
    stage_.app().open(path);
    settle();
    const bool is_open =
        stage_.app().session() != nullptr && stage_.app().session()->error().empty();
    if (is_open) visit_panels();
    stage_.app().close();
    stage_.draw_frames(1);
    return is_open;
  }

 private:
  void settle() {
    if (stage_.settle(kHangs)) return;
    std::fprintf(stderr, "the viewer waits for ever\n");
    std::abort();
  }

  void visit_panels() {
    const std::uint64_t span = stage_.app().session()->facts()->span;
    for (const PanelRow& panel : all_panels()) {
      stage_.app().go(panel.id);
      settle();
      for (const char* key : {"J", "Enter"}) {
        stage_.press(*parse_chord(key));
      }
      settle();
      if (panel.id == PanelId::kSql && stage_.click("sql.saved.events")) settle();
    }
    // The panels that answer for a moment or a range.
    View view = stage_.app().view();
    view.moment = span / 2;
    view.range = TimeRange{span / 4, span / 2};
    view.filter = "main -via:x size>10";
    for (const PanelId panel :
         {PanelId::kLeaks, PanelId::kFlame, PanelId::kAllocations, PanelId::kMap,
          PanelId::kHistograms, PanelId::kThreads, PanelId::kCompare}) {
      view.panel = panel;
      stage_.app().go(view);
      settle();
    }
    stage_.press(*parse_chord("W"));
    settle();
    stage_.picture();
  }

  Stage stage_{{.width = 1000, .height = 700, .plain_fonts = true}};
};

}  // namespace

int main(int argc, char** argv) {
  // As in trace_damage_fuzz.cpp.
#ifdef __SANITIZE_ADDRESS__
  std::size_t rounds = 430;
#else
  std::size_t rounds = 172;
#endif
  const char* wanted = std::getenv("MEMOIR_DAMAGES");
  if (wanted != nullptr) rounds = std::strtoul(wanted, nullptr, 10);
  // Made in the process that tries, for it has threads.
  std::unique_ptr<Visitor> visitor;
  DamagedTraces traces(rounds, rounds / 5, "viewer_damage_fuzz",
                       [&visitor](const std::filesystem::path& path, std::size_t) {
                         if (!visitor) visitor = std::make_unique<Visitor>();
                         return visitor->visit(path);
                       });
  return traces.run(argc, argv);
}

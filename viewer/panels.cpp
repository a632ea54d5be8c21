#include "viewer/panel.h"
#include "viewer/panels/allocations_panel.h"
#include "viewer/panels/compare_panel.h"
#include "viewer/panels/faults_panel.h"
#include "viewer/panels/flame_panel.h"
#include "viewer/panels/histogram_panel.h"
#include "viewer/panels/leaks_panel.h"
#include "viewer/panels/log_panel.h"
#include "viewer/panels/map_panel.h"
#include "viewer/panels/pools_panel.h"
#include "viewer/panels/processes_panel.h"
#include "viewer/panels/source_panel.h"
#include "viewer/panels/sql_panel.h"
#include "viewer/panels/summary_panel.h"
#include "viewer/panels/tree_panel.h"

namespace memoir {

std::unique_ptr<Panel> make_panel(PanelId panel) {
  switch (panel) {
    case PanelId::kSummary:
      return std::make_unique<SummaryPanel>();
    case PanelId::kLeaks:
      return std::make_unique<LeaksPanel>();
    case PanelId::kFaults:
      return std::make_unique<FaultsPanel>();
    case PanelId::kTree:
      return std::make_unique<TreePanel>();
    case PanelId::kFlame:
      return std::make_unique<FlamePanel>();
    case PanelId::kAllocations:
      return std::make_unique<AllocationsPanel>();
    case PanelId::kMap:
      return std::make_unique<MapPanel>();
    case PanelId::kHistograms:
      return std::make_unique<HistogramPanel>();
    case PanelId::kPools:
      return std::make_unique<PoolsPanel>();
    case PanelId::kThreads:
      return std::make_unique<ProcessesPanel>();
    case PanelId::kCompare:
      return std::make_unique<ComparePanel>();
    case PanelId::kSource:
      return std::make_unique<SourcePanel>();
    case PanelId::kSql:
      return std::make_unique<SqlPanel>();
    case PanelId::kLog:
      return std::make_unique<LogPanel>();
  }
  return nullptr;
}

}  // namespace memoir

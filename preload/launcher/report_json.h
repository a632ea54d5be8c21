#pragma once

// `memoir report --json`: one object. docs/trace_schema.md describes it; members may be
// added, never renamed or removed. Pure.

#include <string>

#include "analyze/report_content.h"

namespace memoir {

std::string render_report_json(const ReportContent& content);

}  // namespace memoir

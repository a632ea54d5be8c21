#pragma once

// `memoir report` as text of 80 columns. Pure: the same content gives the same text.

#include <string>

#include "analyze/report_content.h"
#include "launcher/terminal.h"

namespace memoir {

std::string render_report(const ReportContent& content, const TextStyle& style);

}  // namespace memoir

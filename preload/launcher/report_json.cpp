#include "launcher/report_json.h"

#include <nlohmann/json.hpp>

namespace memoir {
namespace {

using Json = nlohmann::ordered_json;

std::string_view state_name(TraceState state) {
  switch (state) {
    case TraceState::kComplete:
      return "complete";
    case TraceState::kCutShort:
      return "cut short";
    case TraceState::kGrowing:
      return "recording";
  }
  return "";
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json number_or_null(std::int64_t number) { return number == 0 ? Json() : Json(number); }

Json process_json(const ProcessSummary& process) {
  return {{"process", process.id.value},
          {"pid", process.pid},
          {"parent_pid", process.parent_pid},
          {"command", process.command},
          {"executable", process.executable},
          {"end", process.end},
          {"started_ns", process.started},
          {"duration_ns", process.duration},
          {"threads", process.threads},
          {"allocations", process.allocations},
          {"frees", process.frees},
          {"allocated_bytes", process.allocated_bytes},
          {"temporary", process.temporary},
          {"peak_bytes", process.peak_bytes},
          {"peak_blocks", process.peak_blocks},
          {"peak_ns", process.peak_t},
          {"live_blocks", process.live_blocks},
          {"live_bytes", process.live_bytes},
          {"mapped_peak_bytes", process.mapped_peak_bytes},
          {"mapped_live_bytes", process.mapped_live_bytes},
          {"dropped", process.dropped},
          {"stacks_cut", process.stacks_cut},
          {"unknown_frees", process.unknown_frees},
          {"events", process.events}};
}

Json stack_json(const std::vector<StackFrame>& frames) {
  Json stack = Json::array();
  for (const StackFrame& frame : frames) {
    stack.push_back({{"function", frame.function},
                     {"file", text_or_null(frame.file)},
                     {"line", number_or_null(frame.line)},
                     {"module", text_or_null(frame.module)},
                     {"address", frame.address},
                     {"inlined", frame.inlined}});
  }
  return stack;
}

Json site_json(const CallSite& site, const ReportContent& content) {
  Json json = {{"function", site.function},
               {"file", text_or_null(site.file)},
               {"line", number_or_null(site.line)},
               {"module", text_or_null(site.module)},
               {"api", site.api},
               {"allocations", site.figures.allocations},
               {"frees", site.figures.frees},
               {"allocated_bytes", site.figures.allocated_bytes},
               {"live_blocks", site.figures.live_blocks},
               {"live_bytes", site.figures.live_bytes},
               {"peak_bytes", site.figures.peak_bytes},
               {"at_global_peak", site.figures.at_global_peak},
               {"temporary", site.figures.temporary},
               {"stacks", site.concerned},
               {"stack", site.heaviest_stack.value}};
  const auto stack = content.stacks.find(site.heaviest_stack);
  if (stack != content.stacks.end()) json["frames"] = stack_json(stack->second);
  return json;
}

Json faults_json(const FaultReport& faults) {
  Json json = {{"different", faults.different},
               {"times", faults.times},
               {"silenced", faults.silenced},
               {"kinds", Json::object()},
               {"first", Json::array()}};
  for (const FaultCount& count : faults.counts)
    json["kinds"][count.kind] = count.different;
  for (const Fault& fault : faults.faults) {
    json["first"].push_back({{"process", fault.row.process.value},
                             {"kind", fault.kind},
                             {"count", fault.row.count},
                             {"message", fault.row.message},
                             {"function", text_or_null(fault.function)},
                             {"file", text_or_null(fault.file)},
                             {"line", number_or_null(fault.line)},
                             {"module", text_or_null(fault.module)}});
  }
  return json;
}

Json failures_json(const FailureReport& failures) {
  Json json = {{"count", failures.count}, {"sites", Json::array()}};
  for (const FailedSite& site : failures.sites) {
    json["sites"].push_back({{"function", text_or_null(site.function)},
                             {"file", text_or_null(site.file)},
                             {"line", number_or_null(site.line)},
                             {"module", text_or_null(site.module)},
                             {"api", site.api},
                             {"count", site.count},
                             {"bytes", site.bytes}});
  }
  return json;
}

Json marks_json(const MarkReport& marks) {
  Json json = {{"count", marks.count}, {"first", Json::array()}};
  for (const Mark& mark : marks.marks) {
    json["first"].push_back(
        {{"process", mark.process.value}, {"t_ns", mark.t}, {"name", mark.name}});
  }
  return json;
}

Json pools_json(const std::vector<Pool>& pools) {
  Json json = Json::array();
  for (const Pool& pool : pools) {
    json.push_back({{"process", pool.row.process.value},
                    {"pool", pool.row.pool},
                    {"kind", pool.row.kind},
                    {"name", text_or_null(pool.row.name)},
                    {"allocations", pool.row.allocations},
                    {"frees", pool.row.frees},
                    {"live_blocks", pool.row.live_blocks},
                    {"live_bytes", pool.row.live_bytes},
                    {"peak_bytes", pool.row.peak_bytes},
                    {"destroyed", pool.row.ended.has_value()}});
  }
  return json;
}

}  // namespace

std::string render_report_json(const ReportContent& content) {
  Json report = {{"trace", content.trace},
                 {"state", state_name(content.run.state)},
                 {"memoir_version", content.run.version},
                 {"mode", text_or_null(content.mode)},
                 {"faults", faults_json(content.faults)},
                 {"failures", failures_json(content.failures)},
                 {"marks", marks_json(content.marks)},
                 {"pools", pools_json(content.pools)},
                 {"total", process_json(content.run.total)},
                 {"processes", Json::array()},
                 {"sites", Json::object()}};
  // The total is of no process, and what it names belongs to the first one.
  report["total"].erase("process");
  for (const ProcessSummary& process : content.run.processes) {
    report["processes"].push_back(process_json(process));
  }
  for (const ReportSection& section : content.sections) {
    Json& sites = report["sites"][std::string(site_order_name(section.order))];
    sites = Json::array();
    for (const CallSite& site : section.sites) sites.push_back(site_json(site, content));
  }
  // Names from the program need not be UTF-8; JSON must be.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace memoir

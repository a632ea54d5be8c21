#include "viewer/panels/histogram_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "analyze/filter.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

// "64 B", "1 us": without the ".0" of figures that are exact.
std::string short_value(std::uint64_t value, bool is_time) {
  std::string text = is_time ? format_duration(value) : format_bytes(value);
  if (const std::size_t at = text.find(".0 "); at != std::string::npos) text.erase(at, 2);
  return text;
}

void filter_by(App& app, FilterField field, std::uint64_t least, std::uint64_t most) {
  FilterTerm term;
  term.field = field;
  term.least = least;
  term.most = most;
  Filter filter = parse_filter(app.view().filter).filter;
  std::erase_if(filter.terms, [&](const FilterTerm& t) { return t.field == field; });
  filter.terms.push_back(term);
  View next = app.view();
  next.filter = filter_text(filter);
  app.go(next);
}

}  // namespace

void HistogramPanel::forget() {
  recorded_.forget();
  counted_.forget();
  wants_sizes_ = false;
}

void HistogramPanel::draw(PanelContext& context) {
  const View& view = context.app.view();
  heading("Histograms");
  ImGui::SameLine(0, scaled(24));
  if (ImGui::RadioButton("blocks", !shows_bytes_)) shows_bytes_ = false;
  mark("histogram.blocks");
  ImGui::SameLine();
  if (ImGui::RadioButton("bytes", shows_bytes_)) shows_bytes_ = true;
  mark("histogram.bytes");

  if (view.filter.empty() && !view.range) {
    const std::optional<ProcessId> only = view.process;
    recorded_.ask(
        context.session.worker(),
        context.session.key(fmt::format("histograms {}", only ? only->value : 0)),
        "Reading histograms",
        [only](QueryContext& query) { return read_histograms(query.database(), only); });
    if (!answer_is_there(recorded_, recorded_.value() != nullptr)) return;
    // Exact sizes stand in no table: they are counted where that is quick, or asked for.
    constexpr std::uint64_t kQuick = 5'000'000;
    wants_sizes_ = wants_sizes_ || context.session.facts()->run.total.events < kQuick;
    Histograms histograms = *recorded_.value();
    if (!wants_sizes_) {
      wants_sizes_ = link("Count the most frequent sizes", "histogram.count");
    } else if (const auto question = find_block_question(context)) {
      ask(context, *question);
      if (counted_.is_current()) {
        histograms.top_sizes = counted_.value()->histograms.top_sizes;
      }
    }
    return draw_all(context, histograms);
  }
  const std::optional<BlockQuestion> question = ask_for_blocks(context);
  if (!question) return;
  ask(context, *question);
  if (!answer_is_there(counted_, counted_.value() != nullptr)) return;
  draw_block_question(context, *question, counted_.value()->error);
  draw_all(context, counted_.value()->histograms);
}

void HistogramPanel::ask(PanelContext& context, const BlockQuestion& question) {
  counted_.ask(context.session.scanner(), question.key, "Counting sizes and lifetimes",
               [question](QueryContext& query) {
                 const BlockConditions conditions = conditions_of(question, query);
                 Counted counted;
                 counted.error = conditions.error;
                 if (conditions.takes_nothing) return counted;
                 counted.histograms =
                     count_histograms(*question.index, conditions.begin, conditions.end,
                                      conditions.filter, query.job());
                 return counted;
               });
}

void HistogramPanel::draw_all(PanelContext& context, const Histograms& histograms) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const bool has_sizes = !histograms.top_sizes.empty();
  const float side = has_sizes ? std::min(scaled(230), room.x * 0.3f) : 0;
  ImGui::BeginChild("charts", {room.x - side, 0});
  const float text = ImGui::GetTextLineHeightWithSpacing();
  const float height =
      std::max(scaled(60), ImGui::GetContentRegionAvail().y / 2 - text * 2);
  separator_with("Sizes of the blocks that were allocated");
  draw_chart(context, histograms.sizes, Kind::kSizes,
             {ImGui::GetContentRegionAvail().x, height});
  separator_with("Lifetimes of the blocks that were freed");
  draw_chart(context, histograms.lifetimes, Kind::kLives,
             {ImGui::GetContentRegionAvail().x, height});
  ImGui::EndChild();
  if (!has_sizes) return;
  ImGui::SameLine();
  ImGui::BeginChild("sizes");
  draw_top_sizes(context, histograms);
  ImGui::EndChild();
}

void HistogramPanel::draw_chart(PanelContext& context, const Histogram& histogram,
                                Kind kind, ImVec2 size) {
  const bool is_time = kind == Kind::kLives;
  const char* name = is_time ? "histogram.lives" : "histogram.sizes";
  const auto value_of = [this](const HistogramBucket& bucket) {
    return shows_bytes_ ? bucket.bytes : bucket.blocks;
  };
  std::size_t first = kHistogramBuckets, last = 0;
  std::uint64_t most = 0, total = 0;
  for (std::size_t i = 0; i < kHistogramBuckets; ++i) {
    if (histogram[i].blocks == 0) continue;
    first = std::min(first, i);
    last = i;
    const std::uint64_t value = value_of(histogram[i]);
    most = std::max(most, value);
    total += value;
  }
  if (first > last) {
    faint_text("There are none.");
    return mark(name, "0");
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = ImGui::GetTextLineHeight();
  const float bottom = at.y + size.y - line * 1.3f, top = at.y + line * 1.2f;
  const float step = std::min(size.x / static_cast<float>(last - first + 1), scaled(90));
  float widest = 0, widest_share = 0;
  for (std::size_t i = first; i <= last; ++i) {
    const std::string share = format_percent(value_of(histogram[i]), total);
    widest_share = std::max(widest_share, ImGui::CalcTextSize(share.c_str()).x);
    const std::string label = short_value(bucket_least(i), is_time);
    widest = std::max(widest, ImGui::CalcTextSize(label.c_str()).x);
  }
  const auto every =
      static_cast<std::size_t>(std::max(1.0f, std::ceil((widest + scaled(10)) / step)));
  ImGui::PushID(name);
  for (std::size_t i = first; i <= last; ++i) {
    const HistogramBucket& bucket = histogram[i];
    const std::uint64_t value = value_of(bucket);
    const float x = at.x + step * static_cast<float>(i - first);
    const float part =
        static_cast<float>(static_cast<double>(value) /
                           static_cast<double>(std::max<std::uint64_t>(most, 1)));
    const float y = bottom - std::max(value > 0 ? scaled(1) : 0, (bottom - top) * part);
    ImGui::SetCursorScreenPos({x, at.y});
    ImGui::PushID(static_cast<int>(i));
    const bool is_clicked = ImGui::InvisibleButton("bar", {step, size.y});
    mark_row(name, i, fmt::format("{} {}", bucket.blocks, bucket.bytes));
    const bool is_hovered = ImGui::IsItemHovered();
    ImGui::PopID();
    list.AddRectFilled({x + scaled(1), y}, {x + step - scaled(1), bottom},
                       with_alpha(theme().live, is_hovered ? 1 : 0.75f), scaled(2));
    if (is_hovered && bucket.blocks > 0) {
      tooltip(fmt::format(
          "{} to {}: {} in {}, {} of the {}\nClick to filter",
          short_value(bucket_least(i), is_time), short_value(bucket_most(i), is_time),
          format_bytes(bucket.bytes), format_things(bucket.blocks, "block"),
          format_percent(value, total), shows_bytes_ ? "bytes" : "blocks"));
    }
    const std::string label = short_value(bucket_least(i), is_time);
    const float width = ImGui::CalcTextSize(label.c_str()).x;
    if ((i - first) % every == 0 && x + width <= at.x + size.x) {
      list.AddText({x, bottom + scaled(2)}, theme().faint_text, label.c_str());
    }
    const std::string percent = format_percent(value, total);
    const float wide = ImGui::CalcTextSize(percent.c_str()).x;
    if (widest_share + scaled(4) < step && value > 0) {
      list.AddText({x + (step - wide) / 2, y - line}, theme().text, percent.c_str());
    }
    if (is_clicked && bucket.blocks > 0) {
      filter_by(context.app, is_time ? FilterField::kAge : FilterField::kSize,
                bucket_least(i), bucket_most(i));
    }
  }
  ImGui::PopID();
  ImGui::SetCursorScreenPos({at.x, at.y + size.y});
  ImGui::Dummy({1, 1});
}

void HistogramPanel::draw_top_sizes(PanelContext& context, const Histograms& histograms) {
  separator_with("Most frequent sizes");
  std::uint64_t all = 0;
  for (const SizeCount& size : histograms.top_sizes) all = std::max(all, size.blocks);
  std::size_t number = 0;
  for (const SizeCount& size : histograms.top_sizes) {
    const std::string text = fmt::format("{} B", format_count(size.size));
    ImGui::PushID(static_cast<int>(number));
    if (link(text)) filter_by(context.app, FilterField::kSize, size.size, size.size);
    mark_row("histogram.size", number, fmt::format("{} {}", size.size, size.blocks));
    ImGui::SameLine(scaled(90));
    share_bar(static_cast<double>(size.blocks) /
                  static_cast<double>(std::max<std::uint64_t>(all, 1)),
              format_count(size.blocks), theme().live);
    ImGui::PopID();
    ++number;
  }
}

}  // namespace memoir

#pragma once

// SQL over everything that is in the trace, the events included. Nothing can be changed.

#include <string>
#include <vector>

#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class SqlPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return result_.is_running(); }
  void forget() override {
    result_.forget();
    asked_.clear();
  }

 private:
  struct Result {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::vector<bool> is_figure;  // by column
    bool is_cut = false;
    std::string problem;  // what is wrong with the question
    double seconds = 0;
  };

  static Result answer(QueryContext& query, const std::string& sql);
  void draw_result(const Result& result, PanelContext& context);

  std::string text_ =
      "select function, file, line, sum(bytes) as bytes, sum(blocks) as blocks\n"
      "from leaks group by 1, 2, 3 order by bytes desc limit 100";
  std::string asked_;
  std::uint64_t runs_ = 0;
  Answer<Result> result_;
};

}  // namespace memoir

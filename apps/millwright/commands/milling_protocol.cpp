/// ai4i2020: failures of a milling process, a row a work piece.

#include <algorithm>
#include <map>
#include <numbers>
#include <random>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/evaluation/classification.h"
#include "ml/trees/labelled_rows.h"

namespace millwright {
namespace {

constexpr std::size_t kFolds = 5;
constexpr std::array<std::string_view, 7> kColumns = {"Type",
                                                      "Air temperature [K]",
                                                      "Process temperature [K]",
                                                      "Rotational speed [rpm]",
                                                      "Torque [Nm]",
                                                      "Tool wear [min]",
                                                      "Target"};

/// Physics, not the generator's rules: power at the spindle, work put into a worn tool, heat flow.
std::vector<float> features_of(double quality, const std::array<double, 5>& v) {
  const auto [air_k, process_k, speed_rpm, torque_nm, wear_min] = v;
  const double power_w = torque_nm * speed_rpm * 2.0 * std::numbers::pi / 60.0;
  const double difference_k = process_k - air_k;
  std::vector<float> row;
  for (const double value : {quality, air_k, process_k, speed_rpm, torque_nm, wear_min, power_w,
                             torque_nm * wear_min, difference_k, difference_k * speed_rpm}) {
    row.push_back(static_cast<float>(value));
  }
  return row;
}

class MillingReader {
 public:
  Result<> operator()(std::size_t number, std::string_view line) {
    const auto cells = split_commas(line);
    if (number == 1) return read_header(cells);
    if (*std::max_element(at_.begin(), at_.end()) >= cells.size()) {
      return invalid_argument("the row is shorter than the header");
    }
    const std::string_view type = cells[at_[0]];
    const std::size_t quality = std::string_view("LMH").find(type);
    if (type.size() != 1 || quality == std::string_view::npos) {
      return invalid_argument("column 'Type' has " + quote(type) + "; it may be L, M or H");
    }
    std::array<double, 5> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      MW_ASSIGN(values[i], to_number(kColumns[i + 1], cells[at_[i + 1]]));
    }
    MW_ASSIGN(const double target, to_number("Target", cells[at_[6]]));
    rows.add(features_of(static_cast<double>(quality), values), target != 0.0 ? 1 : 0);
    return {};
  }
  ml::LabelledRows rows;

 private:
  Result<> read_header(const std::vector<std::string_view>& cells) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto found = std::find(cells.begin(), cells.end(), kColumns[i]);
      if (found == cells.end()) {
        return invalid_argument("column " + quote(kColumns[i]) + " is missing");
      }
      at_[i] = static_cast<std::size_t>(found - cells.begin());
    }
    return {};
  }
  std::array<std::size_t, kColumns.size()> at_{};
};

Result<ml::LabelledRows> read_milling(const std::filesystem::path& folder) {
  const auto packed = folder / "data.csv.gz";
  MillingReader reader;
  MW_TRY(
      read_lines(std::filesystem::exists(packed) ? packed : folder / "data.csv",
                 [&](std::size_t number, std::string_view line) { return reader(number, line); }));
  return std::move(reader.rows);
}

/// The probability of failure of each row of `test`, up to a monotone map; 0 is the threshold 0.5.
Result<std::vector<double>> log_odds(const ml::LabelledRows& train, const ml::LabelledRows& test,
                                     std::uint32_t seed) {
  MW_ASSIGN(const std::vector<float> scores,
            ml::train_and_score(train, test, ml::classifier_parameters(2, seed)));
  std::vector<double> out;
  for (std::size_t i = 0; i < test.size(); ++i) out.push_back(scores[2 * i + 1] - scores[2 * i]);
  return out;
}

SeedScore score_of(const std::vector<double>& log_odds, const std::vector<bool>& failed) {
  ml::Confusion confusion(2);
  for (std::size_t i = 0; i < failed.size(); ++i) {
    confusion.add(failed[i] ? 1 : 0, log_odds[i] > 0.0 ? 1 : 0);
  }
  const auto share = static_cast<double>(std::count(failed.begin(), failed.end(), true)) /
                     static_cast<double>(failed.size());
  return {failed.size(),
          {{"f1", confusion.f1(1)}, {"auprc", ml::average_precision(log_odds, failed)}},
          {{"f1", 0.0}, {"auprc", share}}};
}

/// Fold of each row: every class is dealt out in turn after shuffling.
std::vector<std::size_t> stratified_folds(const ml::LabelledRows& rows, std::uint32_t seed) {
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  std::vector<std::size_t> fold(rows.size());
  std::map<float, std::size_t> dealt;
  for (const std::size_t i : order) fold[i] = dealt[rows.labels[i]]++ % kFolds;
  return fold;
}

/// Each fold is tested by a model of the others; all predictions are scored together.
Result<SeedScore> cross_validate(const ml::LabelledRows& rows, std::uint32_t seed) {
  const auto fold = stratified_folds(rows, 1);  // the protocol's own seed
  std::vector<double> odds;
  std::vector<bool> failed;
  for (std::size_t tested = 0; tested < kFolds; ++tested) {
    ml::LabelledRows train, test;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      (fold[i] == tested ? test : train).add(rows.row(i), static_cast<std::size_t>(rows.labels[i]));
    }
    MW_ASSIGN(const auto part, log_odds(train, test, seed));
    odds.insert(odds.end(), part.begin(), part.end());
    for (const float label : test.labels) failed.push_back(label != 0.0F);
  }
  return score_of(odds, failed);
}

}  // namespace

Result<EvaluationReport> evaluate_ai4i2020(const EvaluateOptions& options) {
  MW_ASSIGN(const ml::LabelledRows rows, read_milling(options.data));
  EvaluationReport report{"ai4i2020", {}};
  if (options.train.empty()) {
    MW_ASSIGN(ProtocolResult result,
              over_five_seeds(options, "five_fold", "stratified 5-fold over work pieces, seed 1",
                              [&](std::uint32_t seed) { return cross_validate(rows, seed); }));
    report.protocols.push_back(std::move(result));
    return report;
  }
  MW_ASSIGN(const ml::LabelledRows train, read_milling(options.train));
  std::vector<bool> failed;
  for (const float label : rows.labels) failed.push_back(label != 0.0F);
  MW_ASSIGN(ProtocolResult result,
            over_five_seeds(options, "train_folder",
                            "all of the train folder trains, all of the data folder is tested",
                            [&](std::uint32_t seed) -> Result<SeedScore> {
                              MW_ASSIGN(const auto odds, log_odds(train, rows, seed));
                              return score_of(odds, failed);
                            }));
  report.protocols.push_back(std::move(result));
  return report;
}

}  // namespace millwright

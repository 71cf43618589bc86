/// pronostia: remaining life of the test bearings of the IEEE PHM 2012 challenge (FEMTO-ST).
///
/// Score of the challenge: the error is a share of the true life; being late by 5 % or early by
/// 20 % halves the score of a bearing.

#include <algorithm>
#include <cmath>
#include <optional>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/rul/bearing_life.h"

namespace millwright {
namespace {

using History = std::vector<ml::BearingSnapshot>;

constexpr double kPeriod_s = 10.0;
constexpr std::size_t kCuts = 25;  // of a learning bearing that is left out
constexpr double kFirstCut = 0.5;  // of its life
constexpr double kLastCut = 0.98;

struct Bearing {
  std::string name;
  bool is_test = false;
  std::size_t given = 0;  ///< Snapshots.
  double remaining_s = 0.0;
};

/// Points for one bearing, 0 ... 1.
double points(double predicted_s, double actual_s) {
  const double error_percent = 100.0 * (actual_s - predicted_s) / actual_s;
  const double halving_percent = error_percent <= 0.0 ? -5.0 : 20.0;
  return std::exp2(-error_percent / halving_percent);
}

/// Where the named columns stand. Errors: kInvalidArgument naming the one that is missing.
Result<std::vector<std::size_t>> places(std::span<const std::string_view> header,
                                        std::span<const char* const> names) {
  std::vector<std::size_t> out;
  for (const char* name : names) {
    const auto found = std::ranges::find(header, std::string_view(name));
    if (found == header.end()) return invalid_argument("column " + quote(name) + " is missing");
    out.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  return out;
}

/// Calls `row` with the cells of the named columns, line by line.
Result<> read_columns(const std::filesystem::path& path, std::span<const char* const> names,
                      const std::function<Result<>(std::span<const std::string_view>)>& row) {
  std::vector<std::size_t> place;
  return read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_commas(line);
    if (number == 1) {
      MW_ASSIGN(place, places(cells, names));
      return {};
    }
    std::vector<std::string_view> chosen;
    for (const std::size_t at : place) {
      if (at >= cells.size()) return invalid_argument("the line is too short");
      chosen.push_back(cells[at]);
    }
    return row(chosen);
  });
}

Result<std::vector<Bearing>> read_bearings(const std::filesystem::path& folder) {
  static constexpr std::array kNames{"bearing", "set", "snapshots_given", "actual_rul_s"};
  std::vector<Bearing> bearings;
  MW_TRY(read_columns(folder / "bearings.csv", kNames,
                      [&](std::span<const std::string_view> cells) -> Result<> {
                        Bearing bearing{std::string(cells[0]), cells[1] == "test"};
                        MW_ASSIGN(const double given, to_number(kNames[2], cells[2]));
                        MW_ASSIGN(bearing.remaining_s, to_number(kNames[3], cells[3]));
                        if (given < 1.0) return invalid_argument("no snapshot is given");
                        bearing.given = static_cast<std::size_t>(given);
                        bearings.push_back(std::move(bearing));
                        return {};
                      }));
  return bearings;
}

Result<History> read_history(const std::filesystem::path& folder, const std::string& bearing) {
  static constexpr std::array kNames{"H_rms", "V_rms", "H_peak", "V_peak", "H_kurt", "V_kurt"};
  History history;
  MW_TRY(read_columns(folder / "features" / (bearing + ".csv.gz"), kNames,
                      [&](std::span<const std::string_view> cells) -> Result<> {
                        std::array<double, kNames.size()> value{};
                        for (std::size_t i = 0; i < value.size(); ++i) {
                          MW_ASSIGN(value[i], to_number(kNames[i], cells[i]));
                        }
                        history.push_back({.rms = std::hypot(value[0], value[1]),
                                           .peak = std::max(value[2], value[3]),
                                           .kurtosis = std::max(value[4], value[5])});
                        return {};
                      }));
  return history;
}

/// The learning bearings of a folder; of a folder apart, every bearing, all to their failure.
Result<std::vector<History>> read_learning(const EvaluateOptions& options) {
  const bool is_apart = !options.train.empty();
  const auto& folder = is_apart ? options.train : options.data;
  MW_ASSIGN(const auto bearings, read_bearings(folder));
  std::vector<History> histories;
  for (const Bearing& bearing : bearings) {
    if (bearing.is_test && !is_apart) continue;
    MW_ASSIGN(History history, read_history(folder, bearing.name));
    histories.push_back(std::move(history));
  }
  return histories;
}

/// Mean points of the constant that would have been best.
double hindsight_constant(std::span<const double> actual_s) {
  double best = 0.0;
  const double longest = *std::ranges::max_element(actual_s);
  for (double constant = 1.0; constant <= longest; constant *= 1.005) {
    double sum = 0.0;
    for (const double actual : actual_s) sum += points(constant, actual);
    best = std::max(best, sum / static_cast<double>(actual_s.size()));
  }
  return best;
}

/// Counts one answer, or one refusal.
struct Tally {
  std::vector<double> actual_s;
  double points_sum = 0.0;
  double refusals = 0.0;
  double inside = 0.0;

  void add(const Result<ml::BearingLife>& life, double truth_s) {
    actual_s.push_back(truth_s);
    if (!life) {
      refusals += 1.0;
      return;
    }
    points_sum += points(life->remaining_s, truth_s);
    if (life->lower_s <= truth_s && truth_s <= life->upper_s) inside += 1.0;
  }
  ProtocolResult result(std::string name, std::string split) const {
    const double n = static_cast<double>(actual_s.size());
    const double constant = hindsight_constant(actual_s);
    ProtocolResult out;
    out.name = std::move(name);
    out.split = std::move(split);
    out.n = actual_s.size();
    out.metrics = {{"score", points_sum / n},
                   {"refusals", refusals},
                   {"coverage", inside / n},
                   {"hindsight_constant", constant}};
    out.baseline = {{"score", constant}};
    return out;
  }
};

Result<ProtocolResult> test_bearings(const EvaluateOptions& options,
                                     const ml::BearingLifeModel& model) {
  MW_ASSIGN(const auto bearings, read_bearings(options.data));
  Tally tally;
  std::map<std::string, double> each;
  for (const Bearing& bearing : bearings) {
    if (!bearing.is_test) continue;
    MW_ASSIGN(History history, read_history(options.data, bearing.name));
    history.resize(std::min(history.size(), bearing.given));
    const auto life = model.estimate(history, kPeriod_s);
    tally.add(life, bearing.remaining_s);
    if (!life) {
      say("pronostia " + bearing.name + ": refused, " + life.error().message);
      continue;
    }
    each["er_" + bearing.name] =
        100.0 * (bearing.remaining_s - life->remaining_s) / bearing.remaining_s;
    each["rul_s_" + bearing.name] = life->remaining_s;
    each["rul_lower_s_" + bearing.name] = life->lower_s;
    each["rul_upper_s_" + bearing.name] = life->upper_s;
  }
  if (tally.actual_s.empty()) {
    return not_found(quote((options.data / "bearings.csv").string()) + " names no test bearing");
  }
  ProtocolResult result = tally.result(
      "challenge", options.train.empty()
                       ? "learning bearings train; test bearings by their given snapshots"
                       : "all bearings of the train folder train; test bearings by their given "
                         "snapshots");
  result.metrics.merge(each);
  return result;
}

/// Each learning bearing by a model of the others, cut at many points of its second half.
Result<ProtocolResult> leave_one_out(std::span<const History> histories) {
  Tally tally;
  for (std::size_t left_out = 0; left_out < histories.size(); ++left_out) {
    std::vector<History> others(histories.begin(), histories.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(left_out));
    MW_ASSIGN(const auto model, ml::BearingLifeModel::learn(others));
    const std::span<const ml::BearingSnapshot> whole = histories[left_out];
    for (std::size_t k = 0; k < kCuts; ++k) {
      const double part = static_cast<double>(k) / static_cast<double>(kCuts - 1);
      const auto cut = static_cast<std::size_t>(static_cast<double>(whole.size()) *
                                                (kFirstCut + part * (kLastCut - kFirstCut)));
      tally.add(model.estimate(whole.first(cut), kPeriod_s),
                kPeriod_s * static_cast<double>(whole.size() - cut));
    }
  }
  return tally.result("leave_one_out",
                      "each training bearing by a model of the others, cut at 25 points between "
                      "half its life and 98 %");
}

}  // namespace

Result<EvaluationReport> evaluate_pronostia(const EvaluateOptions& options) {
  MW_ASSIGN(const auto histories, read_learning(options));
  EvaluationReport report{"pronostia", {}};
  MW_ASSIGN(const auto model, ml::BearingLifeModel::learn(histories));
  MW_ASSIGN(ProtocolResult challenge, test_bearings(options, model));
  report.protocols.push_back(std::move(challenge));
  if (histories.size() > 2) {
    MW_ASSIGN(ProtocolResult folds, leave_one_out(histories));
    report.protocols.push_back(std::move(folds));
  }
  return report;
}

}  // namespace millwright

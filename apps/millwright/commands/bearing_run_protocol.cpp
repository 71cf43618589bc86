/// ims_bearings: bearings run until one fails, a snapshot every ten minutes.

#include <algorithm>
#include <cmath>
#include <optional>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "ml/rul/peer_watch.h"
#include "signal/statistics.h"

namespace millwright {
namespace {

constexpr double kReferenceShare = 0.2;
constexpr double kSnapshotHours = 1.0 / 6.0;
constexpr double kOffShare = 0.2;  // of the usual level: the rig was off
constexpr double kNaiveSigma = 3.0;

/// Which bearings failed at the end of which test, as the data set's authors say.
const std::map<int, std::vector<std::size_t>> kFailed = {{1, {3, 4}}, {2, {1}}, {3, {3}}};

struct Run {
  int test = 0;
  std::vector<std::size_t> bearings;        ///< Their numbers, one an entry of a row.
  std::vector<std::vector<double>> levels;  ///< Rows; channels of one bearing are averaged.
  std::vector<double> hours_left;           ///< Running hours to the end; shape (rows,).
};

/// "Bearing 3 C1" is bearing 3.
Result<std::vector<std::size_t>> bearing_of_columns(std::string_view header) {
  std::vector<std::size_t> bearings;
  const auto cells = split_commas(header);
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const auto words = split_blanks(cells[i]);
    if (words.size() < 2 || words[0] != "Bearing") {
      return invalid_argument("column " + quote(cells[i]) +
                              " is not named as Bearing 1 or Bearing 1 C1");
    }
    MW_ASSIGN(const double number, to_number("Bearing", words[1]));
    bearings.push_back(static_cast<std::size_t>(number));
  }
  return bearings;
}

/// Ten minutes a snapshot, less where they come faster; pauses do not count.
std::vector<double> running_hours_left(const std::vector<std::int64_t>& t_us) {
  std::vector<double> left(t_us.size(), 0.0);
  for (std::size_t i = t_us.size(); i-- > 1;) {
    const double hours = static_cast<double>(t_us[i] - t_us[i - 1]) / 3.6e9;
    left[i - 1] = left[i] + std::clamp(hours, 0.0, kSnapshotHours);
  }
  return left;
}

void drop_rows_without_machine(Run& run) {
  std::vector<double> usual;
  for (std::size_t b = 0; b < run.bearings.size(); ++b) {
    std::vector<double> column;
    for (const auto& row : run.levels) column.push_back(row[b]);
    usual.push_back(signal::median(column));
  }
  const auto is_off = [&](const std::vector<double>& row) {
    for (std::size_t b = 0; b < row.size(); ++b) {
      if (row[b] >= kOffShare * usual[b]) return false;
    }
    return true;
  };
  while (!run.levels.empty() && is_off(run.levels.back())) run.levels.pop_back();
}

Result<Run> read_run(const std::filesystem::path& path, int test) {
  Run run;
  run.test = test;
  std::vector<std::size_t> columns;
  std::vector<std::int64_t> t_us;
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    if (number == 1) {
      MW_ASSIGN(columns, bearing_of_columns(line));
      run.bearings = columns;
      run.bearings.erase(std::unique(run.bearings.begin(), run.bearings.end()), run.bearings.end());
      return {};
    }
    const auto cells = split_commas(line);
    if (cells.size() != columns.size() + 1) return invalid_argument("the row has other columns");
    std::string time(cells[0]);
    std::replace(time.begin(), time.end(), ' ', 'T');
    MW_ASSIGN(const Timestamp at, parse_utc(time + "Z"));
    t_us.push_back(to_us(at));
    std::vector<double> sum(run.bearings.size(), 0.0), count(run.bearings.size(), 0.0);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      MW_ASSIGN(const double level, to_number("Bearing", cells[i + 1]));
      const auto b =
          std::find(run.bearings.begin(), run.bearings.end(), columns[i]) - run.bearings.begin();
      sum[static_cast<std::size_t>(b)] += level;
      count[static_cast<std::size_t>(b)] += 1.0;
    }
    for (std::size_t b = 0; b < sum.size(); ++b) sum[b] /= count[b];
    run.levels.push_back(std::move(sum));
    return {};
  }));
  drop_rows_without_machine(run);
  t_us.resize(run.levels.size());
  run.hours_left = running_hours_left(t_us);
  return run;
}

struct Verdict {
  std::optional<double> warning_h;  ///< Of the alarm that stays.
  double ended = 0.0;               ///< Alarms that went away again.
};

Result<std::vector<Verdict>> watch(const Run& run) {
  const auto reference =
      static_cast<std::size_t>(kReferenceShare * static_cast<double>(run.levels.size()));
  MW_ASSIGN(ml::PeerWatch watch, ml::PeerWatch::create(run.bearings.size(), reference));
  std::vector<Verdict> verdicts(run.bearings.size());
  for (std::size_t i = 0; i < run.levels.size(); ++i) {
    MW_ASSIGN(const auto changes, watch.update(run.levels[i]));
    for (const ml::PeerChange& change : changes) {
      Verdict& verdict = verdicts[change.component];
      say("ims_bearings test " + std::to_string(run.test) + " bearing " +
          std::to_string(run.bearings[change.component]) +
          (change.is_alarm ? ": alarm " : ": all clear ") + std::to_string(run.hours_left[i]) +
          " h before the end, " + std::to_string(100.0 * change.rise) + " % louder, " +
          std::to_string(change.sigma) + " sigma");
      if (change.is_alarm) {
        verdict.warning_h = run.hours_left[i];
      } else {
        verdict.warning_h.reset();
        verdict.ended += 1.0;
      }
    }
  }
  return verdicts;
}

/// What a fixed limit at mean + 3 sigma of the reference, on each level alone, would say.
std::vector<Verdict> naive(const Run& run) {
  const auto reference =
      static_cast<std::size_t>(kReferenceShare * static_cast<double>(run.levels.size()));
  std::vector<Verdict> verdicts(run.bearings.size());
  for (std::size_t b = 0; b < run.bearings.size(); ++b) {
    std::vector<double> first;
    for (std::size_t i = 0; i < reference; ++i) first.push_back(run.levels[i][b]);
    const signal::Shape shape = signal::shape_of(first);
    const double limit = shape.mean + kNaiveSigma * shape.rms;
    bool is_above = false;
    for (std::size_t i = reference; i < run.levels.size(); ++i) {
      const bool now = run.levels[i][b] > limit;
      if (now && !is_above) verdicts[b].warning_h = run.hours_left[i];
      if (!now && is_above) {
        verdicts[b].warning_h.reset();
        verdicts[b].ended += 1.0;
      }
      is_above = now;
    }
  }
  return verdicts;
}

/// Adds a run's verdicts to the figures. An alarm on a healthy bearing is false, and so is one that
/// went away.
void add(const Run& run, const std::vector<Verdict>& verdicts, std::map<std::string, double>& out) {
  const auto failed = kFailed.find(run.test);
  for (std::size_t b = 0; b < verdicts.size(); ++b) {
    out["false_alarms"] += verdicts[b].ended;
    const bool has_failed =
        failed != kFailed.end() && std::find(failed->second.begin(), failed->second.end(),
                                             run.bearings[b]) != failed->second.end();
    if (has_failed) {
      out["warning_h_test" + std::to_string(run.test) + "_bearing" +
          std::to_string(run.bearings[b])] = verdicts[b].warning_h.value_or(0.0);
    } else if (verdicts[b].warning_h) {
      out["false_alarms"] += 1.0;
    }
  }
}

}  // namespace

Result<EvaluationReport> evaluate_ims_bearings(const EvaluateOptions& options) {
  ProtocolResult result;
  result.name = "run_to_failure";
  result.split = "limits from the first 20 % of each test; hours of running; the alarm that stays";
  result.tier = "always_on";
  result.metrics["false_alarms"] = result.baseline["false_alarms"] = 0.0;
  for (const auto& [test, failed] : kFailed) {
    const std::string name = "merged_dataset_BearingTest_" + std::to_string(test) + ".csv";
    const auto path = table_in(options.data, name);
    if (!std::filesystem::exists(path)) continue;
    MW_ASSIGN(const Run run, read_run(path, test));
    MW_ASSIGN(const std::vector<Verdict> verdicts, watch(run));
    add(run, verdicts, result.metrics);
    add(run, naive(run), result.baseline);
    result.n += run.bearings.size();
  }
  if (result.n == 0) {
    return not_found("folder " + quote(options.data.string()) +
                     " has no file such as merged_dataset_BearingTest_1.csv (plain or .gz)");
  }
  return EvaluationReport{"ims_bearings", {std::move(result)}};
}

}  // namespace millwright

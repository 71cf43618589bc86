/// ims_bearings: hours of warning before bearings failed on the IMS rig (University of Cincinnati).
///
/// Each test is watched as a stream. The alarm of a bearing that failed counts from the beginning
/// of its last alarm, if that holds until the end; every other alarm is a false one.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/rul/degradation_watch.h"

namespace millwright {
namespace {

constexpr std::size_t kReferencePart = 5;  // the first fifth
constexpr double kPeriod_s = 600.0;
constexpr double kPeriod_h = kPeriod_s / 3600.0;
constexpr const char* kPrefix = "merged_dataset_BearingTest_";

/// The bearings that failed, by test (NASA prognostics repository, data set 4).
const std::map<int, std::set<int>>& failed_bearings() {
  static const std::map<int, std::set<int>> failed = {{1, {3, 4}}, {2, {1}}, {3, {3}}};
  return failed;
}

struct RigTest {
  std::vector<int> bearing_of_column;
  std::vector<int> bearings;              ///< Ascending.
  std::vector<ml::PartLevels> snapshots;  ///< Levels shape (bearings,).
};

/// What the stream of alarms of one bearing came to.
struct Alarms {
  std::size_t begun = 0;
  std::optional<std::size_t> open_since;  ///< Snapshots of the running rig before it.
};

Result<int> to_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return invalid_argument(quote(std::string(text)) + " is no whole number");
}

/// Seconds of "2003-10-22 12:06:24", without a time zone.
Result<double> to_seconds(std::string_view text) {
  if (text.size() != 19) {
    return invalid_argument(quote(std::string(text)) + " is no time such as 2003-10-22 12:06:24");
  }
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> kFields{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  std::array<int, 6> part{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    MW_ASSIGN(part[i], to_int(text.substr(kFields[i].first, kFields[i].second)));
  }
  const std::chrono::sys_days day = std::chrono::year(part[0]) /
                                    std::chrono::month(static_cast<unsigned>(part[1])) /
                                    std::chrono::day(static_cast<unsigned>(part[2]));
  return 86'400.0 * static_cast<double>(day.time_since_epoch().count()) + 3600.0 * part[3] +
         60.0 * part[4] + part[5];
}

/// Columns such as "Bearing 3" and "Bearing 3 C2".
Result<> read_header(std::span<const std::string_view> cells, RigTest& test) {
  std::set<int> bearings;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const auto words = split_blanks(cells[i]);
    if (words.size() < 2 || words[0] != "Bearing") {
      return invalid_argument("column " + quote(std::string(cells[i])) +
                              " is no bearing, such as \"Bearing 3\"");
    }
    MW_ASSIGN(const int bearing, to_int(words[1]));
    test.bearing_of_column.push_back(bearing);
    bearings.insert(bearing);
  }
  test.bearings.assign(bearings.begin(), bearings.end());
  return {};
}

/// The level of a bearing is the geometric mean of its channels.
Result<ml::PartLevels> read_snapshot(std::span<const std::string_view> cells, const RigTest& test) {
  if (cells.size() != test.bearing_of_column.size() + 1) {
    return invalid_argument("the line has " + std::to_string(cells.size()) + " cells");
  }
  ml::PartLevels snapshot;
  MW_ASSIGN(snapshot.time_s, to_seconds(cells[0]));
  for (const int bearing : test.bearings) {
    double product = 1.0;
    double channels = 0.0;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      if (test.bearing_of_column[i - 1] != bearing) continue;
      MW_ASSIGN(const double value, to_number("Bearing", cells[i]));
      product *= value;
      channels += 1.0;
    }
    snapshot.levels.push_back(std::pow(product, 1.0 / channels));
  }
  return snapshot;
}

Result<RigTest> read_test(const std::filesystem::path& path) {
  RigTest test;
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_commas(line);
    if (number == 1) return read_header(cells, test);
    MW_ASSIGN(ml::PartLevels snapshot, read_snapshot(cells, test));
    test.snapshots.push_back(std::move(snapshot));
    return {};
  }));
  std::ranges::sort(test.snapshots, {}, &ml::PartLevels::time_s);
  const auto twice = std::unique(
      test.snapshots.begin(), test.snapshots.end(),
      [](const ml::PartLevels& a, const ml::PartLevels& b) { return a.time_s == b.time_s; });
  test.snapshots.erase(twice, test.snapshots.end());
  return test;
}

struct Watched {
  std::vector<Alarms> alarms;  ///< Shape (bearings,).
  std::size_t running = 0;     ///< Snapshots of the running rig behind the reference.
};

void take_in(Watched& watched, const std::function<bool(std::size_t bearing)>& in_alarm) {
  for (std::size_t i = 0; i < watched.alarms.size(); ++i) {
    Alarms& alarms = watched.alarms[i];
    if (!in_alarm(i)) {
      alarms.open_since.reset();
    } else if (!alarms.open_since) {
      alarms.open_since = watched.running;
      ++alarms.begun;
    }
  }
  ++watched.running;
}

/// The trivial limit: mean and three standard deviations of a bearing's own level.
std::vector<double> three_sigma_limits(std::span<const ml::PartLevels> reference) {
  std::vector<double> limits;
  for (std::size_t i = 0; i < reference[0].levels.size(); ++i) {
    double sum = 0.0, squares = 0.0;
    for (const ml::PartLevels& snapshot : reference) {
      sum += snapshot.levels[i];
      squares += snapshot.levels[i] * snapshot.levels[i];
    }
    const double mean = sum / static_cast<double>(reference.size());
    const double variance = squares / static_cast<double>(reference.size()) - mean * mean;
    limits.push_back(mean + 3.0 * std::sqrt(std::max(0.0, variance)));
  }
  return limits;
}

/// What was shipped, and the trivial limit.
struct Comparison {
  Watched shipped, trivial;
};

Result<Comparison> watch(const RigTest& test) {
  const auto all = std::span(test.snapshots);
  const auto reference = all.first(all.size() / kReferencePart);
  MW_ASSIGN(ml::DegradationWatch watch, ml::DegradationWatch::learn(reference, kPeriod_s));
  const std::vector<double> limits = three_sigma_limits(reference);
  const Watched none{std::vector<Alarms>(test.bearings.size())};
  Comparison out{none, none};
  for (const ml::PartLevels& snapshot : all.subspan(reference.size())) {
    MW_ASSIGN(const auto states, watch.observe(snapshot));
    if (!watch.is_running(snapshot)) continue;
    take_in(out.shipped, [&](std::size_t i) { return states[i].in_alarm; });
    take_in(out.trivial, [&](std::size_t i) { return snapshot.levels[i] > limits[i]; });
  }
  return out;
}

/// Adds hours of warning and false alarms to `figures`.
void count(int number, const RigTest& test, const Watched& watched,
           std::map<std::string, double>& figures) {
  for (std::size_t i = 0; i < test.bearings.size(); ++i) {
    const Alarms& alarms = watched.alarms[i];
    std::size_t false_alarms = alarms.begun;
    if (failed_bearings().at(number).contains(test.bearings[i])) {
      const std::size_t warned = alarms.open_since ? watched.running - *alarms.open_since : 0;
      if (alarms.open_since) --false_alarms;
      figures["warning_h_test" + std::to_string(number) + "_bearing" +
              std::to_string(test.bearings[i])] = kPeriod_h * static_cast<double>(warned);
    }
    figures["false_alarms"] += static_cast<double>(false_alarms);
  }
}

/// The N of merged_dataset_BearingTest_N.csv or .csv.gz, if it is known what failed in it.
std::optional<int> test_number(std::string_view name) {
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(std::string_view(kPrefix).size());
  const auto number = to_int(name.substr(0, name.find('.')));
  if (!number || !failed_bearings().contains(*number)) return {};
  return *number;
}

}  // namespace

Result<EvaluationReport> evaluate_ims_bearings(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<std::string> names, files_in(options.data));
  ProtocolResult result;
  result.name = "warning";
  result.split =
      "limits from the first fifth of each test, the rest as a stream; hours of running from the "
      "first alarm that stays to the end; every other alarm is false";
  result.tier = "always_on";
  for (const std::string& name : names) {
    const auto number = test_number(name);
    if (!number) continue;
    MW_ASSIGN(const RigTest test, read_test(options.data / name));
    MW_ASSIGN(const Comparison watched, watch(test));
    count(*number, test, watched.shipped, result.metrics);
    count(*number, test, watched.trivial, result.baseline);
    result.n += test.bearings.size();
  }
  if (result.n == 0) {
    return not_found("folder " + quote(options.data.string()) +
                     " has none of merged_dataset_BearingTest_1.csv.gz to _3.csv.gz");
  }
  return EvaluationReport{"ims_bearings", {std::move(result)}};
}

}  // namespace millwright

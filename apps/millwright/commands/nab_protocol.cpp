/// nab: the Numenta Anomaly Benchmark, series with labelled windows.

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "ml/anomaly/past_detector.h"
#include "ml/evaluation/nab_score.h"

namespace millwright {
namespace {

constexpr const char* kLabels = "labels/combined_windows.json";
constexpr std::uintmax_t kMaxLabelBytes = 16U << 20;
constexpr const char* kMachineTemperature = "machine_temperature";

struct Series {
  std::string name;
  std::vector<std::int64_t> t_us;
  std::vector<double> values;
};

/// "2014-04-01 00:05:00" with or without a fraction.
Result<std::int64_t> time_of(std::string_view text) {
  std::string iso(text);
  std::replace(iso.begin(), iso.end(), ' ', 'T');
  if (iso.empty() || iso.back() != 'Z') iso += 'Z';
  MW_ASSIGN(const Timestamp at, parse_utc(iso));
  return to_us(at);
}

Result<Series> read_series(const std::filesystem::path& folder, const std::string& name) {
  Series series{name, {}, {}};
  MW_TRY(read_lines(table_in(folder, name),
                    [&](std::size_t number, std::string_view line) -> Result<> {
                      const auto cells = split_commas(line);
                      if (number == 1 && cells[0] == "timestamp") return {};
                      if (cells.size() != 2) return invalid_argument("a row is timestamp,value");
                      MW_ASSIGN(const std::int64_t at, time_of(cells[0]));
                      MW_ASSIGN(const double value, to_number("value", cells[1]));
                      series.t_us.push_back(at);
                      series.values.push_back(value);
                      return {};
                    }));
  return series;
}

/// From times to places in the series.
Result<std::vector<ml::NabWindow>> windows_of(const Series& series, const nlohmann::json& labels) {
  std::vector<ml::NabWindow> windows;
  for (const auto& span : labels) {
    MW_ASSIGN(const std::int64_t begin, time_of(span.at(0).get<std::string>()));
    MW_ASSIGN(const std::int64_t end, time_of(span.at(1).get<std::string>()));
    const auto first = std::lower_bound(series.t_us.begin(), series.t_us.end(), begin);
    const auto behind = std::upper_bound(series.t_us.begin(), series.t_us.end(), end);
    if (first >= behind) return invalid_argument("a window of " + series.name + " has no rows");
    windows.push_back({static_cast<std::size_t>(first - series.t_us.begin()),
                       static_cast<std::size_t>(behind - series.t_us.begin()) - 1});
  }
  std::sort(windows.begin(), windows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return windows;
}

Result<ml::NabSeries> watch(const Series& series, const nlohmann::json& labels) {
  MW_ASSIGN(auto windows, windows_of(series, labels));
  ml::NabSeries out{series.values.size(), std::move(windows), {}};
  ml::PastDetector detector(ml::PastDetectorOptions{});
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (detector.update(series.t_us[i], series.values[i])) out.alarms.push_back(i);
  }
  return out;
}

Result<nlohmann::json> read_labels(const std::filesystem::path& folder) {
  const auto path = folder / kLabels;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return not_found("file " + quote(path.string()) + " cannot be read");
  if (bytes > kMaxLabelBytes) {
    return invalid_argument("file " + quote(path.string()) + " is over 16 MiB");
  }
  std::ifstream file(path);
  auto labels = nlohmann::json::parse(file, nullptr, false);
  if (labels.is_object()) return labels;
  return invalid_argument("file " + quote(path.string()) +
                          " is no JSON object of series and their windows");
}

/// As many alarms in each series, evenly spaced: what the windows' width alone gives.
std::vector<ml::NabSeries> evenly_spaced(std::vector<ml::NabSeries> corpus) {
  for (ml::NabSeries& series : corpus) {
    const std::size_t from = ml::nab_probation(series.size);
    const auto first = std::lower_bound(series.alarms.begin(), series.alarms.end(), from);
    const auto count = static_cast<std::size_t>(series.alarms.end() - first);
    series.alarms.clear();
    for (std::size_t i = 1; i <= count; ++i) {
      series.alarms.push_back(from + i * (series.size - from) / (count + 1));
    }
  }
  return corpus;
}

std::map<std::string, double> scores(const std::vector<ml::NabSeries>& corpus) {
  return {{"standard", ml::nab_score(corpus, ml::kNabStandard)},
          {"low_fp", ml::nab_score(corpus, ml::kNabLowFalsePositives)},
          {"low_fn", ml::nab_score(corpus, ml::kNabLowFalseNegatives)}};
}

}  // namespace

Result<EvaluationReport> evaluate_nab(const EvaluateOptions& options) {
  MW_ASSIGN(const nlohmann::json labels, read_labels(options.data));
  std::vector<ml::NabSeries> corpus;
  ProtocolResult result;
  result.name = "streaming";
  result.split =
      "every series from its first value on; the first 15 %, at most 750, are not scored";
  result.tier = "scheduled";
  try {
    for (const auto& [name, spans] : labels.items()) {
      MW_ASSIGN(const Series series, read_series(options.data, name));
      MW_ASSIGN(ml::NabSeries watched, watch(series, spans));
      const auto found = ml::nab_found(watched);
      const auto hits = std::count(found.begin(), found.end(), true);
      say("nab " + name + ": " + std::to_string(hits) + " of " + std::to_string(found.size()) +
          " windows, " + std::to_string(watched.alarms.size()) + " alarms");
      if (name.find(kMachineTemperature) != std::string::npos) {
        result.metrics["machine_temperature_found"] = static_cast<double>(hits);
        result.metrics["machine_temperature_windows"] = static_cast<double>(found.size());
      }
      corpus.push_back(std::move(watched));
    }
  } catch (const nlohmann::json::exception& error) {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(kLabels) + " has not a list of [start, end] for each series",
                 error.what()};
  }
  result.n = corpus.size();
  result.metrics.merge(scores(corpus));
  result.baseline = {{"standard", 0.0}};
  for (const auto& [key, value] : scores(evenly_spaced(corpus))) {
    result.baseline[key + "_evenly_spaced"] = value;
  }
  return EvaluationReport{"nab", {std::move(result)}};
}

}  // namespace millwright

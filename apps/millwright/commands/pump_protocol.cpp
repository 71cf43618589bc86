/// skab: a water pump's test bed, eight metrics once a second, anomalies of many kinds.

#include <algorithm>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/anomaly/metric_group.h"
#include "ml/evaluation/classification.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMetrics = 8;
constexpr std::size_t kLearning = 400;  // rows

struct Experiment {
  std::vector<double> rows;  ///< shape (n, kMetrics)
  std::vector<bool> unusual;
};

std::vector<std::string_view> split_semicolons(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(';', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

/// Missing for a file without labels.
Result<std::optional<Experiment>> read_experiment(const fs::path& path) {
  Experiment experiment;
  bool has_labels = false;
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_semicolons(line);
    if (number == 1) {
      has_labels = cells.size() > kMetrics + 1 && cells[kMetrics + 1] == "anomaly";
      return {};
    }
    if (!has_labels) return {};
    if (cells.size() <= kMetrics + 1) {
      return invalid_argument("the row is shorter than the header");
    }
    for (std::size_t metric = 0; metric < kMetrics; ++metric) {
      MW_ASSIGN(const double value,
                to_number("column " + std::to_string(metric + 2), cells[metric + 1]));
      experiment.rows.push_back(value);
    }
    MW_ASSIGN(const double label, to_number("anomaly", cells[kMetrics + 1]));
    experiment.unusual.push_back(label != 0.0);
    return {};
  }));
  if (!has_labels) return std::optional<Experiment>();
  return std::optional(std::move(experiment));
}

Result<std::vector<Experiment>> read_experiments(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".csv") || name.ends_with(".csv.gz")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Experiment> experiments;
  for (const fs::path& file : files) {
    MW_ASSIGN(auto experiment, read_experiment(file));
    if (experiment) experiments.push_back(std::move(*experiment));
  }
  if (!experiments.empty()) return experiments;
  return not_found("folder " + quote(folder.string()) +
                   " has no experiment: CSV files between semicolons with a column anomaly");
}

/// The first rows teach, the others are judged one after the other.
Result<> judge(const Experiment& experiment, ml::Confusion& confusion) {
  const std::size_t n = experiment.unusual.size();
  if (n <= kLearning) {
    return invalid_argument("an experiment has " + std::to_string(n) + " rows; more than " +
                            std::to_string(kLearning) + " are needed");
  }
  const std::span<const double> rows = experiment.rows;
  MW_ASSIGN(ml::MetricGroup group,
            ml::MetricGroup::learn(rows.first(kLearning * kMetrics), kMetrics));
  for (std::size_t i = kLearning; i < n; ++i) {
    const auto score = group.update(rows.subspan(i * kMetrics, kMetrics));
    const bool alarm = score && score->distance > 1.0;
    confusion.add(experiment.unusual[i] ? 1 : 0, alarm ? 1 : 0);
  }
  return {};
}

double share(std::size_t part, std::size_t other) {
  return part + other > 0 ? static_cast<double>(part) / static_cast<double>(part + other) : 0.0;
}

}  // namespace

Result<EvaluationReport> evaluate_skab(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<Experiment> experiments, read_experiments(options.data));
  ml::Confusion confusion(2);
  for (const Experiment& experiment : experiments) MW_TRY(judge(experiment, confusion));
  ml::Confusion always(2);  // alarm
  for (std::size_t truth = 0; truth < 2; ++truth) {
    for (std::size_t i = confusion.count(truth, 0) + confusion.count(truth, 1); i > 0; --i) {
      always.add(truth, 1);
    }
  }
  ProtocolResult result;
  result.name = "first_400_rows";
  result.split = "per file the first 400 rows teach, the rest is judged row by row, pooled";
  result.n = confusion.total();
  result.tier = "always_on";
  result.metrics = {{"far", share(confusion.count(0, 1), confusion.count(0, 0))},
                    {"mar", share(confusion.count(1, 0), confusion.count(1, 1))},
                    {"f1", confusion.f1(1)}};
  result.baseline = {{"far", 1.0}, {"mar", 0.0}, {"f1", always.f1(1)}};
  return EvaluationReport{"skab", {std::move(result)}};
}

}  // namespace millwright

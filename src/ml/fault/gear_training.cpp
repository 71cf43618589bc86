#include "ml/fault/gear_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "ml/fault/gear_classifier.h"
#include "ml/fault/gear_dataset.h"
#include "ml/features/gear_features.h"
#include "ml/model_file/model_file.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

Result<> check_not_empty(const GearDataset& train, const GearDataset& test) {
  if (train.size() > 0 && test.size() > 0) return {};
  return invalid_argument("the runs leave " + std::to_string(train.size()) +
                          " windows to train and " + std::to_string(test.size()) +
                          " to test: give longer runs or more of them");
}

Result<Confusion> tested(std::span<const float> train_rows, std::span<const float> train_labels,
                         std::span<const float> test_rows, std::span<const float> test_labels,
                         const TreeParameters& parameters) {
  const std::size_t columns = train_rows.size() / train_labels.size();
  MW_ASSIGN(const Booster booster, Booster::train(train_rows, columns, train_labels, parameters));
  MW_ASSIGN(const std::vector<float> scores, booster.scores(test_rows));
  Confusion confusion(gear_classes().size());
  const auto predicted = arg_max(scores, gear_classes().size());
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    confusion.add(static_cast<std::size_t>(test_labels[i]), predicted[i]);
  }
  return confusion;
}

struct Pooled {
  Confusion features{gear_classes().size()};
  Confusion offsets{gear_classes().size()};
};

Result<> add_fold(const GearDataset& train, const GearDataset& test, std::uint32_t seed,
                  Pooled& pooled) {
  MW_TRY(check_not_empty(train, test));
  MW_ASSIGN(const Confusion features,
            tested(train.rows, train.labels, test.rows, test.labels, gear_tree_parameters(seed)));
  MW_ASSIGN(const Confusion offsets, tested(train.offsets, train.labels, test.offsets, test.labels,
                                            offset_tree_parameters(seed)));
  pooled.features.merge(features);
  pooled.offsets.merge(offsets);
  return {};
}

GearScore score_of(const Pooled& pooled) {
  GearScore score;
  score.n = pooled.features.total();
  score.macro_f1 = pooled.features.macro_f1();
  score.balanced_accuracy = pooled.features.balanced_accuracy();
  score.offset_only_f1 = pooled.offsets.macro_f1();
  score.confusion = pooled.features;
  return score;
}

/// Mean negative log-likelihood at a temperature.
double log_loss(std::span<const float> scores, std::span<const float> labels, double temperature) {
  const std::size_t classes = gear_classes().size();
  double sum = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = scores.subspan(i * classes, classes);
    const double largest = *std::max_element(row.begin(), row.end());
    double total = 0.0;
    for (const float s : row) total += std::exp((s - largest) / temperature);
    const double own = row[static_cast<std::size_t>(labels[i])];
    sum += std::log(total) - (own - largest) / temperature;
  }
  return sum / static_cast<double>(labels.size());
}

double fit_temperature(std::span<const float> scores, std::span<const float> labels) {
  double best = 1.0;
  double best_loss = log_loss(scores, labels, best);
  for (double temperature = 0.4; temperature <= 5.0; temperature *= 1.05) {
    const double loss = log_loss(scores, labels, temperature);
    if (loss < best_loss) {
      best_loss = loss;
      best = temperature;
    }
  }
  return best;
}

/// Medians of the features over windows without fault, for explanations. Over all windows where no
/// such window exists.
std::vector<double> usual_values(const GearDataset& all, std::size_t columns) {
  std::vector<double> usual(columns);
  const bool has_healthy = std::count(all.labels.begin(), all.labels.end(), 0.0F) > 0;
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<double> column;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!has_healthy || all.labels[i] == 0.0F) column.push_back(all.rows[i * columns + c]);
    }
    usual[c] = signal::median(column);
  }
  return usual;
}

std::string fingerprint(const GearDataset& data) {
  std::vector<std::byte> bytes;
  for (const auto* part : {&data.rows, &data.labels}) {
    const auto view = std::as_bytes(std::span(*part));
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return blake2b_hex(bytes);
}

std::string percent(double share) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3f", share);
  return buffer.data();
}

}  // namespace

Result<GearScore> score_gear_in_time(std::span<const GearRun> runs, std::uint32_t seed) {
  GearDataset train;
  GearDataset test;
  for (const GearRun& run : runs) {
    const TimeSplit split = split_in_time({0, run.x_axis.size()}, 0.7, kGearWindowSize);
    MW_TRY(add_windows(run, split.train, train));
    MW_TRY(add_windows(run, split.test, test));
  }
  Pooled pooled;
  MW_TRY(add_fold(train, test, seed, pooled));
  return score_of(pooled);
}

Result<GearScore> score_gear_by_pair(std::span<const GearRun> runs, std::uint32_t seed,
                                     const Progress& progress) {
  std::map<std::pair<double, double>, GearDataset> by_pair;
  for (const GearRun& run : runs) {
    MW_TRY(add_windows(run, {0, run.x_axis.size()}, by_pair[{run.speed_hz, run.load_nm}]));
  }
  if (by_pair.size() < 2) {
    return invalid_argument("leaving a pair of speed and load out needs at least two pairs, got " +
                            std::to_string(by_pair.size()));
  }
  Pooled pooled;
  for (const auto& [left_out, test] : by_pair) {
    GearDataset train;
    for (const auto& [pair, data] : by_pair) {
      if (pair == left_out) continue;
      train.rows.insert(train.rows.end(), data.rows.begin(), data.rows.end());
      train.offsets.insert(train.offsets.end(), data.offsets.begin(), data.offsets.end());
      train.labels.insert(train.labels.end(), data.labels.begin(), data.labels.end());
    }
    Pooled fold;
    MW_TRY(add_fold(train, test, seed, fold));
    if (progress) {
      progress("left out " + percent(left_out.first) + " rev/s, " + percent(left_out.second) +
               " Nm: macro F1 " + percent(fold.features.macro_f1()));
    }
    pooled.features.merge(fold.features);
    pooled.offsets.merge(fold.offsets);
  }
  return score_of(pooled);
}

Result<GearScore> score_gear_apart(std::span<const GearRun> train_runs,
                                   std::span<const GearRun> test_runs, std::uint32_t seed) {
  GearDataset train;
  GearDataset test;
  for (const GearRun& run : train_runs) MW_TRY(add_windows(run, {0, run.x_axis.size()}, train));
  for (const GearRun& run : test_runs) MW_TRY(add_windows(run, {0, run.x_axis.size()}, test));
  Pooled pooled;
  MW_TRY(add_fold(train, test, seed, pooled));
  return score_of(pooled);
}

Result<TrainedGear> train_gear(std::span<const GearRun> runs, std::uint32_t seed,
                               const Progress& progress) {
  const auto tell = [&](const std::string& line) {
    if (progress) progress(line);
  };
  GearDataset fitting;
  GearDataset held_out;
  GearDataset all;
  std::map<std::string, int> number;
  for (const GearRun& run : runs) {
    const Range whole{0, run.x_axis.size()};
    // Every third run of a condition is held out: whole specimens, never neighbouring windows.
    const bool hold = number[run.condition]++ % 3 == 2;
    MW_TRY(add_windows(run, whole, hold ? held_out : fitting));
    MW_TRY(add_windows(run, whole, all));
  }
  MW_TRY(check_not_empty(fitting, held_out));
  const std::size_t columns = gear_feature_names().size();
  const TreeParameters parameters = gear_tree_parameters(seed);

  tell("training on " + std::to_string(fitting.size()) + " windows, " +
       std::to_string(held_out.size()) + " held out");
  MW_ASSIGN(const Booster first, Booster::train(fitting.rows, columns, fitting.labels, parameters));
  MW_ASSIGN(const std::vector<float> scores, first.scores(held_out.rows));
  Confusion confusion(gear_classes().size());
  const auto predicted = arg_max(scores, gear_classes().size());
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    confusion.add(static_cast<std::size_t>(held_out.labels[i]), predicted[i]);
  }
  const double temperature = fit_temperature(scores, held_out.labels);
  tell("held-out macro F1 " + percent(confusion.macro_f1()) + ", balanced accuracy " +
       percent(confusion.balanced_accuracy()) + ", temperature " + percent(temperature));

  tell("training on all " + std::to_string(all.size()) + " windows");
  MW_ASSIGN(const Booster booster, Booster::train(all.rows, columns, all.labels, parameters));
  MW_ASSIGN(std::vector<std::byte> body, booster.save());

  ModelFile file;
  file.info.kind = "gear_fault";
  file.info.feature_schema = schema_hash(gear_feature_names());
  file.info.training_fingerprint = fingerprint(all);
  file.info.metrics = {{"held_out_macro_f1", confusion.macro_f1()},
                       {"held_out_balanced_accuracy", confusion.balanced_accuracy()},
                       {"held_out_windows", static_cast<double>(held_out.size())}};
  file.info.parameters = {{"classes", gear_classes()},
                          {"temperature", temperature},
                          {"usual", usual_values(all, columns)},
                          {"seed", seed},
                          {"windows", all.size()},
                          {"runs", runs.size()}};
  file.body = std::move(body);
  return TrainedGear{write_model_file(file), confusion.macro_f1(), temperature, all.size()};
}

}  // namespace millwright::ml

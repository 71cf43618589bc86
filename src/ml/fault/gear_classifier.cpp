#include "ml/fault/gear_classifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "ml/evaluation/splits.h"
#include "ml/features/gear_features.h"
#include "ml/trees/booster.h"

namespace millwright::ml {

struct GearClassifier::Parts {
  ModelInfo info;
  Booster booster;
  std::vector<std::string> classes;
  std::vector<double> usual;
  double temperature = 1.0;
};

namespace {

Result<> check_axes(std::span<const double> x, std::span<const double> y, double sample_rate_hz) {
  if (x.size() != y.size() || x.size() < kGearWindowSize) {
    return invalid_argument("gear window has " + std::to_string(x.size()) + " samples on x and " +
                            std::to_string(y.size()) + " on y: both need the same number, at " +
                            "least " + std::to_string(kGearWindowSize));
  }
  if (!(sample_rate_hz >= 1000.0)) {
    return invalid_argument("gear window's sample rate is " + std::to_string(sample_rate_hz) +
                            " Hz: at least 1000 Hz are needed to hear a gear mesh");
  }
  const auto finite = [](double v) { return std::isfinite(v); };
  if (!std::all_of(x.begin(), x.end(), finite) || !std::all_of(y.begin(), y.end(), finite)) {
    return invalid_argument("gear window has a value that is not finite: send numbers only");
  }
  return {};
}

std::vector<double> soft_max(std::span<const double> scores, double temperature) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> out;
  for (const double s : scores) out.push_back(std::exp((s - largest) / temperature));
  const double total = std::accumulate(out.begin(), out.end(), 0.0);
  for (double& p : out) p /= total;
  return out;
}

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3g", value);
  return buffer.data();
}

std::string sentence(const GearPrediction& prediction) {
  std::string words = prediction.predicted;
  std::replace(words.begin(), words.end(), '_', ' ');
  std::string text = words + " at " +
                     std::to_string(static_cast<int>(std::lround(prediction.probability * 100))) +
                     " %";
  const char* separator = ": ";
  for (const Contribution& c : prediction.top_contributors) {
    text += separator + gear_feature_words(c.feature) + " is " + shown(c.value) +
            " (without fault " + shown(c.usual) + ")";
    separator = "; ";
  }
  return text;
}

}  // namespace

GearClassifier::GearClassifier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GearClassifier::GearClassifier(GearClassifier&&) noexcept = default;
GearClassifier& GearClassifier::operator=(GearClassifier&&) noexcept = default;
GearClassifier::~GearClassifier() = default;

Result<GearClassifier> GearClassifier::load(std::span<const std::byte> bytes) {
  const auto& names = gear_feature_names();
  MW_ASSIGN(ModelFile file, read_model_file(bytes, "gear_fault", schema_hash(names)));
  std::vector<std::string> classes;
  std::vector<double> usual;
  double temperature = 0.0;
  try {
    classes = file.info.parameters.at("classes").get<std::vector<std::string>>();
    usual = file.info.parameters.at("usual").get<std::vector<double>>();
    temperature = file.info.parameters.at("temperature").get<double>();
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument,
                 "gear model lacks classes, usual values or temperature: train it again", e.what()};
  }
  if (classes.size() < 2 || usual.size() != names.size() || !(temperature > 0.0)) {
    return invalid_argument("gear model has parameters of a wrong shape: train it again");
  }
  MW_ASSIGN(Booster booster, Booster::load(file.body, names.size(), classes.size()));
  return GearClassifier(
      std::make_unique<Parts>(Parts{std::move(file.info), std::move(booster), std::move(classes),
                                    std::move(usual), temperature}));
}

const std::vector<std::string>& GearClassifier::classes() const { return parts_->classes; }
const ModelInfo& GearClassifier::info() const { return parts_->info; }

Result<GearPrediction> GearClassifier::predict(std::span<const double> x_axis,
                                               std::span<const double> y_axis,
                                               double sample_rate_hz) const {
  if (x_axis.size() > kGearWindowSize) {
    return invalid_argument("gear window has " + std::to_string(x_axis.size()) +
                            " samples, expected " + std::to_string(kGearWindowSize) +
                            ": use predict_burst for longer ones");
  }
  return predict_burst(x_axis, y_axis, sample_rate_hz);
}

Result<GearPrediction> GearClassifier::predict_burst(std::span<const double> x_axis,
                                                     std::span<const double> y_axis,
                                                     double sample_rate_hz) const {
  MW_TRY(check_axes(x_axis, y_axis, sample_rate_hz));
  const std::size_t columns = gear_feature_names().size();
  const std::size_t classes = parts_->classes.size();
  std::vector<float> rows;
  for (const std::size_t start :
       window_starts({0, x_axis.size()}, kGearWindowSize, kGearWindowSize / 2)) {
    const auto row = gear_features(x_axis.subspan(start, kGearWindowSize),
                                   y_axis.subspan(start, kGearWindowSize), sample_rate_hz);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  const std::size_t windows = rows.size() / columns;
  MW_ASSIGN(const std::vector<float> scores, parts_->booster.scores(rows));

  GearPrediction out;
  out.probabilities.assign(classes, 0.0);
  std::vector<std::vector<double>> per_window;
  for (std::size_t w = 0; w < windows; ++w) {
    const std::vector<double> margins(
        scores.begin() + static_cast<std::ptrdiff_t>(w * classes),
        scores.begin() + static_cast<std::ptrdiff_t>((w + 1) * classes));
    per_window.push_back(soft_max(margins, parts_->temperature));
    for (std::size_t c = 0; c < classes; ++c) {
      out.probabilities[c] += per_window.back()[c] / static_cast<double>(windows);
    }
  }
  const auto best = static_cast<std::size_t>(
      std::max_element(out.probabilities.begin(), out.probabilities.end()) -
      out.probabilities.begin());
  out.predicted = parts_->classes[best];
  out.probability = out.probabilities[best];

  // The window that speaks loudest for the class explains it.
  std::size_t speaking = 0;
  for (std::size_t w = 1; w < windows; ++w) {
    if (per_window[w][best] > per_window[speaking][best]) speaking = w;
  }
  const auto row = std::span(rows).subspan(speaking * columns, columns);
  MW_ASSIGN(const std::vector<float> parts, parts_->booster.contributions(row));
  std::vector<std::size_t> order(columns);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto weight = [&](std::size_t i) { return parts[best * (columns + 1) + i]; };
  std::partial_sort(order.begin(), order.begin() + 3, order.end(),
                    [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t feature = order[i];
    if (weight(feature) <= 0.0F) break;
    out.top_contributors.push_back(
        {gear_feature_names()[feature], row[feature], parts_->usual[feature], weight(feature)});
  }
  out.reason = sentence(out);
  return out;
}

}  // namespace millwright::ml

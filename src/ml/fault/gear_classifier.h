#pragma once
/// Gear fault classifier: boosted trees on features of a window of 256 samples of both axes.
///
/// Features are of the time and the frequency domain with the mean removed (ml/features). Speed and
/// load never enter; the shaft speed is estimated from the spectrum. Probabilities are scaled by a
/// temperature fitted on held-out windows (Guo et al. 2017, On Calibration of Modern Neural
/// Networks). Trained by ml/fault/gear_training.h.
///
/// Not thread-safe: one object per thread. Cost: about 0.6 ms a window.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ml/model_file/model_file.h"

namespace millwright::ml {

inline constexpr std::size_t kGearWindowSize = 256;

struct Contribution {
  std::string feature;  ///< Identifier of the feature: "x_kurtosis".
  double value;         ///< In this window.
  double usual;         ///< Median of the feature over windows without fault.
  double weight;        ///< Contribution to the class's log-odds, > 0 speaks for the class.
};

struct GearPrediction {
  std::string predicted;                       ///< Wire name of the class: "missing_tooth".
  double probability = 0.0;                    ///< Of that class, 0 ... 1.
  std::vector<double> probabilities;           ///< In the order of `classes()`, sum 1.
  std::vector<Contribution> top_contributors;  ///< At most 3, largest weight first.
  std::string reason;                          ///< A sentence with the top contributors.
};

class GearClassifier {
 public:
  /// Errors: kInvalidArgument with the reason when the bytes are not a gear model of ours.
  static Result<GearClassifier> load(std::span<const std::byte> bytes);

  GearClassifier(GearClassifier&&) noexcept;
  GearClassifier& operator=(GearClassifier&&) noexcept;
  ~GearClassifier();

  /// x_axis, y_axis shape (256,) each, of one burst at `sample_rate_hz`.
  /// Errors: kInvalidArgument when a shape or a value is wrong (not finite).
  Result<GearPrediction> predict(std::span<const double> x_axis, std::span<const double> y_axis,
                                 double sample_rate_hz) const;
  /// A whole burst: its windows with half overlap, probabilities averaged; n >= 256.
  /// Errors: as predict.
  Result<GearPrediction> predict_burst(std::span<const double> x_axis,
                                       std::span<const double> y_axis, double sample_rate_hz) const;

  const std::vector<std::string>& classes() const;
  const ModelInfo& info() const;

 private:
  struct Parts;
  explicit GearClassifier(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright::ml

#pragma once
/// Remaining useful life of a turbofan in flight cycles, with an interval.
///
/// Sensors are normalised per operating regime and smoothed (EMA); health indicators fuse them
/// (Wang 2008); boosted trees and a smooth regression (Rahimi & Recht 2007) map level, trend, wear
/// and age to the remaining cycles, capped at 125 (Heimes 2008: before, wear cannot be seen), and
/// the estimate is the mean of both. The 90 % interval is split conformal by unit (Lei et al.
/// 2018): whole engines are held out, and in each band of the prediction one residual of each
/// engine decides the width (Vovk et al. 2005). The reason tells what the trees saw. Trained by
/// ml/rul/rul_training.h.
///
/// RulModel is immutable after loading; a tracker keeps the state of one engine. Not thread-safe:
/// one model object per thread. Cost: about 1 ms an observation, most of it for the reason.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ml/model_file/model_file.h"

namespace millwright::ml {

/// Names the way from sensors to features; a file made another way is refused.
inline constexpr std::string_view kRulSchema = "ema-level-trend-wear-indicators-cycle-2";

struct RulEstimate {
  double value = 0.0;  ///< Remaining cycles, 0 ... cap (125: "at least 125").
  double lower = 0.0;  ///< 90 % interval.
  double upper = 0.0;
  double cap = 125.0;
  std::string reason;  ///< A sentence with the sensors that decided.

  /// Wear cannot be seen yet: only the lower bound says something.
  bool is_beyond_sight() const { return value >= cap - 1.0; }
};

class RulModel {
 public:
  /// Errors: kInvalidArgument with the reason when the bytes are not a RUL model of ours.
  static Result<RulModel> load(std::span<const std::byte> bytes);
  RulModel(RulModel&&) noexcept;
  RulModel& operator=(RulModel&&) noexcept;
  ~RulModel();

  /// The metrics that an observation needs, in this order: "s2", "s3", ...
  const std::vector<std::string>& inputs() const;
  const ModelInfo& info() const;
  double mean_training_label() const;  ///< What a constant guess would say, in cycles.

 private:
  friend class RulTracker;
  struct Parts;
  explicit RulModel(std::shared_ptr<const Parts> parts);
  std::shared_ptr<const Parts> parts_;
};

/// Follows one unit. Keeps the model's parts alive by itself.
class RulTracker {
 public:
  explicit RulTracker(const RulModel& model);
  RulTracker(RulTracker&&) noexcept;
  RulTracker& operator=(RulTracker&&) noexcept;
  ~RulTracker();

  /// The next cycle's sensors. `cycle` counts from 1; when it does not grow, a new unit (or a new
  /// life after an overhaul) has begun and the tracker starts again by itself.
  ///
  /// sensors   shape (inputs().size(),)
  /// settings  shape (3,) operating settings, or empty where the model knows one regime
  /// Errors: kInvalidArgument when a shape is wrong or a value is not finite.
  Result<RulEstimate> observe(double cycle, std::span<const double> sensors,
                              std::span<const double> settings = {});
  /// The same without an estimate: for a past that is only read in. Cheap.
  Result<> follow(double cycle, std::span<const double> sensors,
                  std::span<const double> settings = {});
  void reset();

 private:
  struct State;
  Result<> advance(double cycle, std::span<const double> sensors, std::span<const double> settings);

  std::shared_ptr<const RulModel::Parts> parts_;
  std::unique_ptr<State> state_;
  double last_cycle_ = 0.0;
};

}  // namespace millwright::ml

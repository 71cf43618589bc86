#pragma once
/// What a RUL model is made of. Internal to ml/rul.

#include "ml/rul/rul_estimator.h"
#include "ml/rul/rul_model.h"

namespace millwright::ml {

inline constexpr double kIntervalBand = 12.5;  ///< Cycles of the prediction.

/// Half width of the 90 % interval as a function of the prediction, linear between the middles of
/// its bands. Each band has a quantile of its own (Mondrian conformal prediction, Vovk et al.
/// 2005), so the interval holds near the end of a life as well as far from it, whenever it is asked
/// for.
struct RulInterval {
  std::vector<double> half_widths;  ///< One a band.
  double half_width(double predicted) const;
};

struct RulModel::Parts {
  ModelInfo info;
  std::vector<std::string> inputs;
  RulEstimator estimator;
  RulInterval interval;
  double mean_label = 0.0;
};

}  // namespace millwright::ml

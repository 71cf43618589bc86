#pragma once
/// What a RUL model is made of. Internal to ml/rul.

#include "ml/rul/rul_estimator.h"
#include "ml/rul/rul_model.h"

namespace millwright::ml {

/// Half width of the 90 % interval as a function of the prediction: quantile times a local scale,
/// which is linear between the middles of bands of 25 cycles.
struct RulInterval {
  std::vector<double> scale;  ///< Mean absolute residual of each band of the prediction.
  double quantile = 1.0;      ///< Conformal, of |residual| / scale.
  double half_width(double predicted) const;
  double scale_at(double predicted) const;
};

struct RulModel::Parts {
  ModelInfo info;
  std::vector<std::string> inputs;
  RulEstimator estimator;
  RulInterval interval;
  double mean_label = 0.0;
};

}  // namespace millwright::ml

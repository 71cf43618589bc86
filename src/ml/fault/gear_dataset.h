#pragma once
/// Windows of runs as rows of features. Internal to ml/fault.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "ml/evaluation/splits.h"
#include "ml/fault/gear_training.h"
#include "ml/trees/labelled_rows.h"

namespace millwright::ml {

struct GearDataset {
  std::vector<float> rows;     ///< Shape (n, features).
  std::vector<float> offsets;  ///< Shape (n, 2): the means, for the baseline only.
  std::vector<float> labels;   ///< Shape (n,): class numbers.
  std::size_t size() const { return labels.size(); }
};

/// Appends the windows (256, half overlap) inside `range` of the run.
/// Errors: kInvalidArgument for an unknown condition or unequal axes.
Result<> add_windows(const GearRun& run, const Range& range, GearDataset& dataset);

/// The parameters that are used everywhere; no setting is chosen per data set.
TreeParameters gear_tree_parameters(std::uint32_t seed);
/// For the two columns of the baseline.
TreeParameters offset_tree_parameters(std::uint32_t seed);

}  // namespace millwright::ml

#pragma once
/// Which columns of a table tell something about a target?
///
/// Three views, for people who choose features:
///   information   mutual information with the target in bits, also where no line fits: both sides
///   cut
///                 into bins of equal count (Fraser and Swinney 1986), corrected for few rows
///                 (Miller 1955). A target of few distinct values is a class and keeps them as
///                 bins. Two independent columns are near 0; a copy has the entropy of the bins.
///   correlation   Spearman's rank correlation (1904), -1 ... 1: how monotone, whatever the scale
///   loadings      on the first principal components of the standardised columns (Hotelling 1933):
///                 columns that load alike tell the same
/// Pure: safe to call from any thread. O(rows log rows) a column, and columns^2 rows for
/// components.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct RankedFeature {
  std::string name;
  double information_bits = 0.0;
  double correlation = 0.0;      ///< 0 for a constant column.
  std::vector<double> loadings;  ///< One a component, of unit length over all columns.
};

struct FeatureRanking {
  std::vector<RankedFeature> features;   ///< Most information first.
  std::vector<double> explained_shares;  ///< Of the variance, one a component, descending.
  double target_bits = 0.0;              ///< Entropy of the target's bins: the most there is.
};

/// columns  shape (names,), each of the target's length
/// Errors: kInvalidArgument for fewer than 20 rows, shapes that differ, values that are not finite,
/// or a constant target.
Result<FeatureRanking> rank_features(std::span<const std::string> names,
                                     std::span<const std::vector<double>> columns,
                                     std::span<const double> target);

}  // namespace millwright::ml

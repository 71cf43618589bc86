#pragma once
/// Scores of a remaining-useful-life estimate.

#include <span>

namespace millwright::ml {

/// Root mean square of predicted - truth. Shapes (n,), n > 0.
double rmse(std::span<const double> predicted, std::span<const double> truth);
/// Score of the PHM08 challenge (Saxena et al. 2008): sum of exp(-d / 13) - 1 for d < 0 and
/// exp(d / 10) - 1 otherwise, d = predicted - truth; late predictions cost more. 0 is perfect.
double phm08_score(std::span<const double> predicted, std::span<const double> truth);
/// Share of truths inside [lower, upper].
double coverage(std::span<const double> lower, std::span<const double> upper,
                std::span<const double> truth);
/// The ceil((n + 1) * level)-th smallest value: the quantile of split conformal prediction. With
/// too few values for the level, the largest. Copies and sorts.
double conformal_quantile(std::span<const double> values, double level);

}  // namespace millwright::ml

#pragma once
/// Puts measures of unlike sizes on one scale: how rare is a value this large on this stream?
///
/// The upper 5 % of the last 4,096 values are taken as an exponential tail above the 95 % quantile
/// (the simplest case of peaks over threshold: Pickands 1975; Siffer et al. 2017). The score is
/// -ln P(value or larger): 3 at the 95 % quantile, 7 at one in a thousand. It goes on beyond
/// everything seen. A value is judged by what came before it, then it teaches.
///
/// Memory: 16 KiB. Cost: amortised O(64) a value. Not thread-safe.

#include <cstddef>
#include <optional>
#include <vector>

namespace millwright::ml {

class TailScale {
 public:
  /// Empty until `needed` values have been seen. `needed` >= 20.
  explicit TailScale(std::size_t needed) : needed_(needed) {}

  /// The score of `value` >= 0; 0 below the 95 % quantile.
  std::optional<double> judge(double value);

 private:
  void fit();

  std::size_t needed_;
  std::size_t next_ = 0;  ///< Where the oldest value is, once the ring is full.
  std::size_t since_fit_ = 0;
  std::vector<float> seen_;
  double quantile_ = 0.0;
  double mean_excess_ = 0.0;  ///< 0: not fitted yet.
};

}  // namespace millwright::ml

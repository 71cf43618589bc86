#pragma once
/// The points that one request may be answered with, shared by all its fields: aliases would
/// otherwise multiply a limit of each.
///
/// A point is a sample, a bucket or a column of a chart. Threads: the one that runs the request.

#include <cstddef>
#include <string>

#include "base/result.h"

namespace millwright {

class PointBudget {
 public:
  explicit PointBudget(std::size_t limit) : limit_(limit) {}

  std::size_t limit() const { return limit_; }
  std::size_t left() const { return limit_ - used_; }
  /// Errors: exhausted() where less is left; then nothing is spent.
  Result<> spend(std::size_t points) {
    if (points > left()) return exhausted();
    used_ += points;
    return {};
  }
  /// kResourceExhausted naming the limit and the way out.
  Error exhausted() const {
    return resource_exhausted(
        "the answer would have more than " + std::to_string(limit_) +
        " points over all its fields; shorten the range, name fewer metrics, send several "
        "requests, add grouping and aggregation, or use the query `series`, which answers as many "
        "columns as a chart has pixels");
  }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace millwright

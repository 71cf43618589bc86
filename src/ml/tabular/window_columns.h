#pragma once
/// What the columns of somebody's table mean on a window of samples.
///
///   temperature        the newest sample of the input `temperature`
///   temperature:mean   a figure of the window: mean, std, min, max, rms
///   temperature:0      a sample of the window, counted from the oldest: 0 ... window_size - 1
///
/// std is that of the whole population (numpy's default), rms the root of the mean square. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

class WindowColumns {
 public:
  /// Errors: kInvalidArgument for no or too many columns (4,096) or inputs (256), a name that is
  /// twice there or no metric's, a figure that is unknown, a sample outside of the window, a window
  /// of 0 or more than 65,536 samples.
  static Result<WindowColumns> parse(std::span<const std::string> names, std::size_t window_size);

  /// The inputs in the order in which the columns first name them.
  const std::vector<std::string>& inputs() const { return inputs_; }
  std::size_t window_size() const { return window_size_; }
  std::size_t size() const { return columns_.size(); }

  /// One row. `window`: shape (inputs, window_size), oldest sample first.
  /// Errors: kInvalidArgument for another shape.
  Result<std::vector<float>> row(std::span<const std::vector<double>> window) const;

 private:
  enum class Figure { kSample, kMean, kStd, kMin, kMax, kRms };
  struct Column {
    std::size_t input = 0;
    Figure figure = Figure::kSample;
    std::size_t sample = 0;  ///< Of kSample.
  };
  WindowColumns() = default;
  Result<Column> column(const std::string& name);
  static double value(const Column& column, std::span<const double> samples);

  std::vector<std::string> inputs_;
  std::vector<Column> columns_;
  std::size_t window_size_ = 1;
};

}  // namespace millwright::ml

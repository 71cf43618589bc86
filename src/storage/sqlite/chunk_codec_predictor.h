#pragma once
/// Predicts the next integer of a column from those before it.
///
///   prediction = previous + (a * (previous - the one before) + b * previous error + 8) / 16
///
/// which is ARIMA(1,1,1) with weights in sixteenths: a level that wanders (a = b = 0), a level seen
/// through noise (b < 0: exponential smoothing), a trend (a > 0). The division rounds down; all
/// arithmetic is modulo 2^64.
///
/// Sources: G. E. P. Box, G. M. Jenkins (1970), Time Series Analysis; the weights are found by the
/// regressions of E. J. Hannan, J. Rissanen (1982), Recursive estimation of mixed
/// autoregressive-moving average order.

#include <cstdint>
#include <span>

namespace millwright::chunk {

enum PredictorKind : std::uint8_t {
  kLevel = 0,     ///< nothing moves: every prediction is the same
  kPrevious = 1,  ///< the number before
  kWeighted = 2,  ///< with a and b, as above
};

struct Predictor {
  PredictorKind kind = kLevel;
  std::int8_t a = 0;
  std::int8_t b = 0;
};

/// What a prediction needs to know.
struct PredictorState {
  std::uint64_t previous = 0;
  std::uint64_t difference = 0;
  std::uint64_t error = 0;
};

/// The rule that encoder and decoder share.
inline std::uint64_t prediction(const PredictorState& s, std::int64_t a, std::int64_t b) {
  const std::uint64_t weighted =
      static_cast<std::uint64_t>(a) * s.difference + static_cast<std::uint64_t>(b) * s.error + 8;
  return s.previous + static_cast<std::uint64_t>(static_cast<std::int64_t>(weighted) >> 4);
}

/// A predictor and what its residuals look like.
struct ColumnModel {
  Predictor predictor;
  std::uint64_t median = 0;  ///< of the residuals
  double spread = 0;         ///< their standard deviation, if they were normal
};

/// Judges by up to 512 numbers, so that long columns cost no more. The outcome changes only how
/// short the bytes get. Pure; allocates nothing.
ColumnModel choose_model(std::span<const std::uint64_t> numbers);

}  // namespace millwright::chunk

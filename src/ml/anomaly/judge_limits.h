#pragma once
/// The detector's constants. They were chosen once, on simulated noise and on open recordings, and
/// hold for every metric.

#include <cstdint>

namespace millwright::ml::detail {

// Limits in robust sigma, before the inflation for lack of data.
inline constexpr double kLevelAtOnce = 8.0;
inline constexpr double kLevelThrice = 6.0;  ///< Three samples in a row.
inline constexpr double kLevelLong = 4.5;    ///< Sixteen samples in a row.
inline constexpr double kJumpAtOnce = 8.0;
inline constexpr double kBlockTwice = 4.5;  ///< Two blocks in a row.
inline constexpr double kScatterTwice = 4.5;
inline constexpr double kScatterRatio = 2.5;
/// An anomaly is over below this share of the limit that opened it.
inline constexpr double kCalmShare = 0.5;

inline constexpr std::uint32_t kShiftAfter = 8;   ///< Samples that make a point a level shift.
inline constexpr std::uint32_t kCalmSamples = 3;  ///< In a row, once it is longer than a point.
inline constexpr std::uint32_t kMovementsNeeded = 20;  ///< Before a jump over a lag is judged.
inline constexpr std::uint32_t kBlocksNeeded = 12;     ///< Before blocks are judged.
/// A standstill is judged at 4 times the longest before plus this many samples.
inline constexpr std::uint32_t kStillSamples = 32;

inline constexpr double kGapIntervals = 10.0;
inline constexpr double kSpanSeconds = 30.0 * 86400.0;
inline constexpr double kSpanSamples = 32768.0;
/// So many anomalies in about 1,024 samples are no longer unusual.
inline constexpr double kTooManyOpenings = 24.0;
/// The logarithm of the upper quartile of 16 absolute normal differences scatters by about 0.22.
inline constexpr double kLogScatterFloor = 0.15;

}  // namespace millwright::ml::detail

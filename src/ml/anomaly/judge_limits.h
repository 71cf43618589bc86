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
/// A jump is larger than any of the last days by this factor, too.
inline constexpr double kJumpRecord = 2.0;
/// A block leaves the usual level farther than any of the last days by this factor, too.
inline constexpr double kWanderRecord = 1.25;
/// A level leaves what was seen by this share of its range, too.
inline constexpr double kRangeShare = 0.25;
/// A level beyond the extremes that was told so often and went again is known.
inline constexpr std::uint32_t kToldOften = 3;
/// Beyond the range of the hour by this share of the whole range; and by this factor more than it
/// ever was at this hour. At once where it is twice that, else for five samples on end.
inline constexpr double kHourShareFew = 0.10;  ///< One day is known.
inline constexpr double kHourShare = 0.05;     ///< Two or more.
inline constexpr double kHourRecord = 1.5;
inline constexpr double kHourMovement = 4.0;  ///< Usual movements from sample to sample.
inline constexpr std::uint32_t kHourSamples = 5;
/// So many samples exactly at an extreme make it a bound.
inline constexpr std::uint32_t kBoundMet = 64;
/// The largest movement is forgotten by half in about so many samples.
inline constexpr double kRecordSamples = 4096.0;
inline constexpr double kBlockTwice = 4.5;  ///< Two blocks in a row.
inline constexpr double kScatterTwice = 4.5;
inline constexpr double kScatterRatio = 2.5;
/// An anomaly is over below this share of the limit that opened it.
inline constexpr double kCalmShare = 0.5;

inline constexpr std::uint32_t kShiftAfter = 8;   ///< Samples that make a point a level shift.
inline constexpr std::uint32_t kCalmSamples = 3;  ///< In a row, once it is longer than a point.
inline constexpr std::uint32_t kMovementsNeeded = 20;  ///< Before a jump over a lag is judged.
inline constexpr std::uint32_t kBlocksNeeded = 12;     ///< Before blocks are judged.
/// A standstill is judged at so many times the longest before, plus some samples.
inline constexpr std::uint32_t kStillFactor = 3;
inline constexpr std::uint32_t kStillSamples = 12;

inline constexpr double kGapIntervals = 10.0;
inline constexpr double kRegularShare = 0.25;   ///< Scatter of intervals, of their centre.
inline constexpr double kGapRatio = 2.0;        ///< To the longest gap before, for dropped data.
inline constexpr double kLeastSilenceS = 60.0;  ///< Metrics of a device come in batches.
inline constexpr double kSpanSeconds = 30.0 * 86400.0;
inline constexpr double kSpanSamples = 32768.0;
/// So many anomalies in about 1,024 samples are no longer unusual.
inline constexpr double kTooManyOpenings = 24.0;
/// The logarithm of the upper quartile of 16 absolute normal differences scatters by about 0.22.
inline constexpr double kLogScatterFloor = 0.15;

}  // namespace millwright::ml::detail

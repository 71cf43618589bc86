#pragma once
/// What a StreamingDetector remembers. Trivially copyable: its bytes are its saved form.

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include "ml/anomaly/hour_profile.h"
#include "ml/anomaly/memory.h"
#include "ml/anomaly/streaming_detector.h"

namespace millwright::ml::detail {

inline constexpr std::size_t kBlockSize = 16;  ///< Samples in a block.
inline constexpr std::size_t kRecent = 64;     ///< Samples kept for differences.
inline constexpr std::array<std::size_t, 4> kLags = {1, 4, 16, 64};

/// The lowest and the highest value, and how often each was met: a bound that a value meets again
/// and again and never passes is one of physics or of the sensor.
struct Extremes {
  double lowest = 0.0, highest = 0.0;
  std::uint32_t at_lowest = 0, at_highest = 0;  ///< Samples that were exactly there.

  void add(double x) {
    if (at_lowest == 0 || x < lowest) {
      lowest = x;
      at_lowest = 0;
    }
    if (at_highest == 0 || x > highest) {
      highest = x;
      at_highest = 0;
    }
    at_lowest += x == lowest ? 1 : 0;
    at_highest += x == highest ? 1 : 0;
  }
  /// How far x lies outside; 0 within.
  double beyond(double x) const { return std::max({0.0, lowest - x, x - highest}); }
  double range() const { return highest - lowest; }
};

/// What opened the anomaly: decides how calm is recognised and how the reason is worded.
enum class Cause : std::uint8_t {
  kLevel,
  kJump,
  kBlock,
  kScatter,
  kStill,
  kSilence,
  kBound,
  kHour
};

struct OpenAnomaly {
  AnomalyKind kind = AnomalyKind::kPoint;
  Cause cause = Cause::kLevel;
  std::int64_t start_us = 0;
  std::int64_t last_unusual_us = 0;
  double reference = 0.0;   ///< The value it is measured from.
  double sigma = 1.0;       ///< Robust standard deviation it is measured in.
  double calm_below = 0.0;  ///< In sigma.
  double severity = 0.0;
  double told_severity = 0.0;
  double worst = 0.0;  ///< The value at the largest severity.
  std::uint32_t lag = 0;
  std::uint32_t samples = 0;
  std::uint32_t calm = 0;
};

struct StreamState {
  StreamState() = default;

  // The stream.
  std::int64_t last_us = 0;
  std::uint64_t seen = 0;  ///< Samples since learning began.
  double last_raw = 0.0;
  double last_x = 0.0;  ///< The last judged value, relative to origin.
  double origin = 0.0;  ///< Memories keep value - origin, so that float is enough.
  bool has_last = false;
  bool has_last_x = false;  ///< False at the start and after a gap.
  bool ready = false;
  bool counter = false;
  bool never_counter = false;  ///< Looked like one once and then fell.
  bool open = false;

  // What is usual.
  Memory<32> interval_s;
  double longest_gap_s = 0.0;  ///< Between two samples, of those longer than usual.
  Memory<128> level;
  std::array<Memory<64>, kLags.size()> movement;
  Memory<64> block_level;
  Memory<64> block_scatter;  ///< Logarithms.
  HourProfile hours;
  Extremes extremes;                                    ///< Of the values.
  std::array<double, kLags.size()> largest_movement{};  ///< Over each lag, slowly forgotten.
  std::uint32_t told_above = 0, told_below = 0;  ///< Levels beyond the extremes, told and over.
  double largest_wander = 0.0;    ///< Of a block's median from the usual level, slowly forgotten.
  double resolution = 0.0;        ///< Smallest change seen; 0 before the first change.
  double repeats = 0.0;           ///< Share of samples equal to the one before, a slow average.
  std::uint32_t longest_run = 0;  ///< Of equal values, outside anomalies.
  std::uint32_t increases = 0, decreases = 0;
  double openings = 0.0;  ///< Anomalies opened in the last 1,024 samples or so.

  // The last few samples.
  std::array<float, kRecent> recent{};  ///< Newest last, relative to origin.
  std::uint32_t recent_count = 0;
  std::array<double, kBlockSize> block{};
  std::uint32_t block_count = 0;
  std::array<double, kBlockSize> block_steps{};  ///< Absolute differences of neighbours.
  std::uint32_t block_troubled = 0;              ///< Samples of the block inside an anomaly.
  std::array<double, 4> block_medians{};         ///< Newest last.
  std::uint32_t block_median_count = 0;
  std::uint32_t run = 1;
  std::int64_t run_start_us = 0;
  std::int64_t block_start_us = 0;
  std::uint32_t level_pending = 0, level_strong = 0, hour_pending = 0, block_pending = 0,
                scatter_pending = 0;
  std::int64_t pending_us = 0;

  OpenAnomaly anomaly;
};
static_assert(std::is_trivially_copyable_v<StreamState>);
static_assert(sizeof(StreamState) <= 4096, "the promise of the header");

}  // namespace millwright::ml::detail

#pragma once
/// What a StreamingDetector remembers. Trivially copyable: its bytes are its saved form.

#include <array>
#include <cstdint>
#include <type_traits>

#include "ml/anomaly/memory.h"
#include "ml/anomaly/streaming_detector.h"

namespace millwright::ml::detail {

inline constexpr std::size_t kBlockSize = 16;  ///< Samples in a block.
inline constexpr std::size_t kRecent = 64;     ///< Samples kept for differences.
inline constexpr std::array<std::size_t, 4> kLags = {1, 4, 16, 64};

/// What opened the anomaly: decides how calm is recognised and how the reason is worded.
enum class Cause : std::uint8_t { kLevel, kJump, kBlock, kScatter, kStill };

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
  Memory<128> level;
  std::array<Memory<64>, kLags.size()> movement;
  Memory<64> block_level;
  Memory<64> block_scatter;       ///< Logarithms.
  double resolution = 0.0;        ///< Smallest change seen; 0 before the first change.
  double repeats = 0.0;           ///< Share of samples equal to the one before, a slow average.
  std::uint32_t longest_run = 0;  ///< Of equal values, outside anomalies.
  std::uint32_t increases = 0, decreases = 0;
  double openings = 0.0;  ///< Anomalies opened in the last 1,024 samples or so.

  // The last few samples.
  std::array<double, kRecent> recent{};  ///< Newest last, relative to origin.
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
  std::uint32_t level_pending = 0, level_strong = 0, block_pending = 0, scatter_pending = 0;
  std::int64_t pending_us = 0;

  OpenAnomaly anomaly;
};
static_assert(std::is_trivially_copyable_v<StreamState>);
static_assert(sizeof(StreamState) <= 4096, "the promise of the header");

}  // namespace millwright::ml::detail

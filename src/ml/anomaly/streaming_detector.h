#pragma once
/// Always-on anomaly detector of one metric: no set-up, no training run, a few hundred comparisons.
///
/// It learns from the stream what is usual and says in words when a value is not:
///   point        one or a few samples far from what came before, back again soon
///   level_shift  a jump that stays
///   drift        a slow move away from the usual level
///   flat_line    exactly the same value for much longer than ever before (a stuck sensor)
///   spread       the signal scatters much more than usual
///   out_of_range beyond a bound that it met many times and never passed (0 lux, 100 %)
///   contextual   usual as such, but not at this time of the day
///   dropped_data no sample for much longer than ever before, while time goes on elsewhere
///
/// How: memories of fixed size keep samples, differences over 1, 4, 16 and 64 samples, and medians
/// and scatter of blocks of 16, thinned by powers of two so that they reach over up to 7 days (or
/// 4,096 samples if that is longer). Their medians and robust scales (the larger of 1.4826 MAD and
/// q95/2.7) give a residual in robust sigma. Limits are wider while little independent data has
/// been seen: sqrt(1 + 4 / n_eff), n_eff = n (1 - r) / (1 + r) with the lag-1 correlation r, so
/// that slowly wandering signals raise no false alarm. Nothing assumes a sampling rate: the
/// interval is learned and used for words and gaps only.
///
/// Samples inside an open anomaly do not teach. An anomaly that stays for longer than
/// `relearn_after` samples is taken for the new normal: it closes, saying so, and learning starts
/// again. A series that only grows (a counter) is watched by its increments.
///
/// State: under 4 KiB. Cost: about 0.2 us a sample. Not thread-safe: one object per metric.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millwright::ml {

namespace detail {
struct StreamState;
}

enum class AnomalyKind {
  kPoint,
  kLevelShift,
  kDrift,
  kFlatLine,
  kSpread,
  kDroppedData,
  kOutOfRange,
  kContextual,
  kShape,     ///< Not said by this detector: a course never seen (past_detector.h).
  kRelation,  ///< Not said by this detector: others explain another value (relation_detector.h).
};
/// "point", "level_shift", "drift", "flat_line", "spread", "dropped_data",
/// "out_of_range", "contextual", "shape", "relation".
std::string_view to_string(AnomalyKind kind);

enum class AnomalyPhase { kOpened, kUpdated, kClosed };
/// "opened", "updated", "closed".
std::string_view to_string(AnomalyPhase phase);

enum class DetectorState { kLearning, kReady };
/// "learning", "ready".
std::string_view to_string(DetectorState state);

/// One change of the one anomaly that a metric may have open. `start_us` identifies it: an update
/// may change its kind (a point that stays becomes a level_shift), severity and reason.
struct AnomalyChange {
  AnomalyPhase phase = AnomalyPhase::kOpened;
  AnomalyKind kind = AnomalyKind::kPoint;
  std::int64_t start_us = 0;
  std::optional<std::int64_t> end_us;  ///< The last unusual sample; only when closed.
  double severity = 0.0;               ///< The largest residual so far in robust sigma, > 0.
  std::string reason;                  ///< A sentence with numbers and unit.
};

struct DetectorOptions {
  std::string name = "value";  ///< How reasons call the metric: "temperature".
  std::string unit = "";       ///< "°C"; may be empty.
  int learning_samples = 120;  ///< Before the first alarm; 20 ... 100,000.
  int relearn_after = 1024;    ///< Samples after which a lasting anomaly is the new normal.
};

class StreamingDetector {
 public:
  explicit StreamingDetector(DetectorOptions options);
  StreamingDetector(StreamingDetector&&) noexcept;
  StreamingDetector& operator=(StreamingDetector&&) noexcept;
  ~StreamingDetector();

  /// Takes the next sample. A time that is not after the last one and a value that is not finite
  /// are ignored. At most one change per sample.
  std::optional<AnomalyChange> update(std::int64_t t_us, double value);

  /// Says how far time has gone without a sample: the newest sample of the device's other metrics,
  /// so that a device that is off or sends late drops no data. The next sample ends the anomaly.
  std::optional<AnomalyChange> notice_silence(std::int64_t now_us);

  DetectorState state() const;
  bool is_anomalous() const;  ///< Whether an anomaly is open.
  double usual_level() const;
  const DetectorOptions& options() const;

  /// The state as bytes (versioned, checksummed), to survive a restart. The options are not in it.
  std::string save() const;
  /// Errors: kInvalidArgument when the bytes are not from `save` of this version.
  static Result<StreamingDetector> restore(DetectorOptions options, std::string_view bytes);

 private:
  DetectorOptions options_;
  std::unique_ptr<detail::StreamState> state_;
};

}  // namespace millwright::ml

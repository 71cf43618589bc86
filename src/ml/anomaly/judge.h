#pragma once
/// One sample's judgement: reads and changes a StreamState. See streaming_detector.h for the
/// method.

#include <cstdint>
#include <optional>

#include "ml/anomaly/anomaly_reason.h"
#include "ml/anomaly/stream_state.h"

namespace millwright::ml::detail {

class Judge {
 public:
  Judge(const DetectorOptions& options, StreamState& state) : options_(options), s_(state) {}

  std::optional<AnomalyChange> update(std::int64_t t_us, double raw);
  std::optional<AnomalyChange> notice_silence(std::int64_t now_us);

 private:
  /// A finished block of 16 samples.
  struct Block {
    double median;
    double movement;  ///< Upper quartile of the absolute differences of neighbours.
    bool troubled;    ///< Whether a sample of it lies inside an anomaly.
  };
  enum class Flow { kWithin, kAfterGap };

  // The stream (judge.cpp).
  Flow note_time(std::int64_t t_us);
  /// The value to judge: the sample, or a counter's increment; empty when there is none.
  std::optional<double> judged_value(double raw, Flow flow);
  void count_run(std::int64_t t_us, double x);
  std::optional<Block> add_to_block(std::int64_t t_us, double x);
  void learn_sample(double x);
  void learn_block(const Block& block);
  void finish_learning();
  void forget();  ///< Back to learning; the interval stays known.

  // The tests (judge_tests.cpp).
  std::optional<AnomalyChange> look_at_run(std::int64_t t_us, double x);
  std::optional<AnomalyChange> look_at_level(std::int64_t t_us, double x);
  std::optional<AnomalyChange> look_at_bound(std::int64_t t_us, double x);
  std::optional<AnomalyChange> look_at_jump(std::int64_t t_us, double x);
  std::optional<AnomalyChange> look_at_block(std::int64_t t_us, const Block& block);
  std::optional<AnomalyChange> look_at_scatter(std::int64_t t_us, const Block& block);
  std::optional<AnomalyChange> look_at_hour(std::int64_t t_us, double x);
  double hour_limit(std::int64_t t_us) const;  ///< Of the excess; infinite while unknown.
  bool is_new_ground(double x) const;          ///< Whether x lies well outside of what was seen.
  AnomalyKind kind_of_move(double deviation) const;

  // An open anomaly (judge_open.cpp).
  std::optional<AnomalyChange> open(const OpenAnomaly& anomaly, double x);
  std::optional<AnomalyChange> follow(std::int64_t t_us, double x,
                                      const std::optional<Block>& block);
  std::optional<AnomalyChange> follow_deviation(std::int64_t t_us, double x, double deviation,
                                                double worst, std::uint32_t calm_needed);
  AnomalyChange close(Ending ending);
  void remember_told();  ///< What was told often enough is no longer new.
  AnomalyChange tell(AnomalyPhase phase, std::string reason);

  double level_sigma() const;
  double movement_sigma(std::size_t lag_index) const;
  double block_sigma() const;
  double scatter_sigma() const;
  double log_scatter(double movement) const;
  /// How many samples a memory of n entries of `samples_each` may skip between two.
  std::uint32_t max_every(std::size_t n, std::size_t samples_each) const;
  bool is_discrete() const { return s_.repeats > 0.5; }

  const DetectorOptions& options_;
  StreamState& s_;
};

}  // namespace millwright::ml::detail

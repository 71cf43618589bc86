#pragma once
/// Early warning for like parts of one machine (the bearings of a shaft): says which part wears,
/// from a level of vibration each and nothing but a healthy beginning.
///
/// The indicator of a part is its logarithmic rise over the reference minus the median rise of the
/// other parts: speed, load and temperature move all parts together and cancel. A running median
/// over six hours smooths it. The part is in alarm while the smoothed rise
///   1. is above the limit: twice the largest deviation within the reference. A healthy level
///      wanders like a random walk, which gets twice as far in four times the time;
///   2. and is at least a third of the largest rise among the parts: a damaged part shakes its
///      neighbours too.
/// It ends below half the limit. A part does not wear while the machine stands: the step across a
/// stop of a day or more is taken out, once the machine has run for six hours again; a part in
/// alarm keeps its level.
/// Sources: running median and one-sided limit as in statistical process control (D. Montgomery,
/// Introduction to Statistical Quality Control, ch. 9); alarm by rise over a baseline, ISO 13373-1.
///
/// Cost: parts × 36 values a snapshot. Not thread-safe: one object a machine.

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

/// What was measured at one time.
struct PartLevels {
  double time_s = 0.0;         ///< Ascending.
  std::vector<double> levels;  ///< Shape (parts,), >= 0; any unit, such as RMS in m/s².
};

struct PartState {
  double rise = 0.0;   ///< Smoothed, logarithmic: 0.05 is 5 % above what the other parts explain.
  double limit = 0.0;  ///< Of the rise.
  bool in_alarm = false;
};

class DegradationWatch {
 public:
  /// Learns the usual levels and the limit from a time without damage.
  /// period_s  between two snapshots of a running machine
  /// Errors: kInvalidArgument for less than twelve hours of running, shapes that differ, levels
  /// that are negative or not finite, times that do not ascend.
  static Result<DegradationWatch> learn(std::span<const PartLevels> reference, double period_s);

  /// Takes the next snapshot; shape (parts,). One of a machine that stands (every level below a
  /// tenth of the usual one), or of the first hours after a long stop, changes nothing.
  /// Errors: as `learn`; the state stays as it was.
  Result<std::vector<PartState>> observe(const PartLevels& snapshot);

  /// Whether any level is above a tenth of the usual one.
  bool is_running(const PartLevels& snapshot) const;

 private:
  struct Part {
    double usual = 0.0;           ///< Median level of the reference.
    double reference = 0.0;       ///< Median of the logarithm, restarts taken out.
    double bias = 0.0;            ///< Median of the indicator within the reference.
    double restart_step = 0.0;    ///< Sum of the steps across long stops.
    std::deque<double> recent;    ///< Logarithms, restarts taken out; the newest last.
    std::deque<double> settling;  ///< Logarithms since a long stop.
    std::deque<double> residuals;
    PartState state;
  };

  DegradationWatch(std::size_t parts, double period_s);
  Result<> check(const PartLevels& snapshot) const;
  /// Takes the levels in; false while the machine settles after a long stop.
  bool take(const PartLevels& snapshot);
  void take_step_out(Part& part) const;
  void learn_limit(const std::vector<std::vector<double>>& logs);
  /// The newest indicators, one a part.
  std::vector<double> indicators(std::span<const double> logs) const;

  std::vector<Part> parts_;
  std::size_t window_;  ///< Snapshots of six hours.
  double last_time_s_;
  bool is_settling_ = false;
};

}  // namespace millwright::ml

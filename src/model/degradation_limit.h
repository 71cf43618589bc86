#pragma once
/// A level that a person knows to be the end: vibration above 7.1 mm/s, pressure below 3.5 bar.
///
/// With no history of failures such a limit is all that is known. The analyst follows the metric
/// towards it and foretells the remaining useful life (ml/rul/degradation_path.h).

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/metric.h"

namespace millwright {

/// On which side of the limit the machine is worn out.
enum class LimitSide { kAbove = 1, kBelow = 2 };
std::string_view to_string(LimitSide side);  ///< above, below

/// A metric has at most one limit a side.
struct DegradationLimit {
  std::int64_t id = 0;  ///< given by the store
  MetricKey key;
  double value = 0;  ///< in the unit of the metric; of a waveform it limits the RMS of its bursts
  LimitSide side = LimitSide::kAbove;
  std::string author;  ///< name of the principal who set it
  std::string note;    ///< may be empty
  Timestamp created_at{};
};

/// Whether a limit may be stored: a finite value, a note as check_note().
/// Errors: kInvalidArgument.
Result<> check_degradation_limit(const DegradationLimit& limit);

/// What every store answers to a second limit of a metric on one side, and to an unknown id.
Error limit_exists(const DegradationLimit& limit);
Error no_such_limit(std::int64_t id);

/// What predictions by this limit carry as their model. Another limit of the same metric and side,
/// set later, goes on under it; predictions carry the limit's id as version.
std::string model_name(const DegradationLimit& limit);

}  // namespace millwright

#pragma once
/// What a forecast towards a degradation limit says in words. Pure.

#include <string>

#include "base/result.h"
#include "ml/rul/degradation_path.h"
#include "model/degradation_limit.h"

namespace millwright::limit_words {

/// Level, limit, and what the level has done.
std::string reason(const ml::PathForecast& forecast, const DegradationLimit& limit,
                   const Metric& metric);
/// Of a metric whose samples are no numbers.
std::string not_numeric(const Metric& metric);
/// Of a store that does not answer.
std::string failed(const Error& error);

}  // namespace millwright::limit_words

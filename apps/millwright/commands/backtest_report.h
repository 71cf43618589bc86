#pragma once
/// What `millwright backtest` prints.

#include <string>

#include "backtest/back_test.h"

namespace millwright {

/// One JSON object on one line, with every alarm and event; times in UTC, durations in seconds.
std::string to_json_line(const backtest::Report& report);
/// For people: figures by class, the events, and the first `most_alarms` alarms.
std::string to_table(const backtest::Report& report, std::size_t most_alarms);

}  // namespace millwright

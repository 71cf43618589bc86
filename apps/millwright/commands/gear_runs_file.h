#pragma once
/// Recorded gear runs in files.

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "ml/fault/gear_training.h"

namespace millwright {

/// Reads every *.csv and *.csv.gz of a folder (not its sub-folders) whose header has sensor1,
/// sensor2, time_x, speedSet, load_value and gear_fault_desc, and cuts each file into recordings at
/// every jump of time, speed or load. Recordings shorter than a window are left out.
/// Errors: kNotFound without such files; kInvalidArgument naming file, line and column.
Result<std::vector<ml::GearRun>> read_gear_runs(const std::filesystem::path& folder);

}  // namespace millwright

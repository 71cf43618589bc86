#pragma once
/// Run-to-failure data of turbofans in files.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "ml/rul/rul_training.h"

namespace millwright {

/// The sensors that the model takes, in its order: s2, s3, s4, ...
const std::vector<std::string>& turbofan_inputs();

/// Reads C-MAPSS's own form (26 columns between blanks, no header) or a CSV with a header that has
/// unit, cycle, the sensors above and maybe setting1 to setting3; plain or gzip. Units must be in
/// one piece, cycles ascending.
/// Errors: kNotFound; kInvalidArgument naming file, line and column.
Result<std::vector<ml::TurbofanUnit>> read_turbofan_units(const std::filesystem::path& path);

/// Lines "unit RUL". Errors: as above.
Result<std::map<int, double>> read_true_lives(const std::filesystem::path& path);

}  // namespace millwright

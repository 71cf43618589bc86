#pragma once
/// The agent's sensors on disk: a JSON file that is replaced as a whole.

#include <optional>
#include <string>
#include <vector>

#include "connectors/sensor_spec.h"

namespace millwright::edge {

/// Missing when there is no file yet. Errors: kInvalidArgument naming the file and what is wrong in
/// it: a damaged file is never taken for an empty one.
Result<std::optional<std::vector<SensorSpec>>> load_sensors(const std::string& path);

/// Writes beside the file, syncs, and renames: a crash leaves the old file or the new one.
Result<> store_sensors(const std::string& path, const std::vector<SensorSpec>& sensors);

/// The same for any text; mode 0600.
Result<> write_file_atomically(const std::string& path, std::string_view text);
/// Missing when there is no file.
Result<std::optional<std::string>> read_small_file(const std::string& path);

}  // namespace millwright::edge

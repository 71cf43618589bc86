#pragma once
/// The agent's configuration file. docs/edge.md is its reference.
///
/// Errors say FILE:LINE:COLUMN, the key, the value, and what is expected. Unknown keys are refused.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "connectors/replay/replay_connector.h"
#include "connectors/sensor_spec.h"

namespace millwright {

/// Where a table of the file and the values of its keys stand, as FILE:LINE:COLUMN.
struct ConfigPlaces {
  std::string table;
  std::map<std::string, std::string> keys;  ///< "columns.NAME" for the column NAME of a replay
  /// The key's place; the table's when the key is not there.
  const std::string& of(const std::string& key) const {
    const auto found = keys.find(key);
    return found == keys.end() ? table : found->second;
  }
};

struct EdgeConfig {
  // [device]
  std::string tenant;
  std::string device;
  std::string description;
  std::string timezone = "UTC";
  std::string city;
  std::string country;
  std::optional<double> longitude_deg;
  std::optional<double> latitude_deg;
  // [hub]
  std::string hub_address;
  std::string api_url;  ///< empty: no registration and no commands
  std::string api_host;
  std::string api_port;
  std::string claim;
  std::string claim_file;  ///< empty: DATA/claim
  std::chrono::milliseconds first_retry{1'000};
  std::chrono::milliseconds longest_retry{300'000};
  // [agent]
  std::string data_folder;
  std::uint64_t journal_budget_bytes = std::uint64_t{1} << 30;
  std::chrono::milliseconds flush_interval{50};
  log::Level log_level = log::Level::kInfo;

  std::vector<SensorSpec> sensors;
  std::vector<ConfigPlaces> sensor_places;  ///< one for each of sensors
  std::vector<replay::ReplayOptions> replays;
  std::vector<ConfigPlaces> replay_places;  ///< one for each of replays
};

Result<EdgeConfig> load_edge_config(const std::string& path);
/// `name` stands for the file in messages; relative paths inside are taken from `folder`.
Result<EdgeConfig> parse_edge_config(std::string_view text, const std::string& name,
                                     const std::string& folder);

/// Whether the configured machine can be read: makes every sensor, opens every replay, and refuses
/// what would be there twice. Reads the replay files, writes nothing.
/// Errors: kInvalidArgument with FILE:LINE:COLUMN.
Result<> check_machine(const EdgeConfig& config, const Clock& clock);

}  // namespace millwright

#pragma once
/// The machines of azure_pdm with what happened to them, from its five files.

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace millwright {

inline constexpr std::size_t kFleetSensors = 4;  ///< volt, rotate, pressure, vibration
inline constexpr std::size_t kFleetErrors = 5;
inline constexpr std::size_t kFleetComponents = 4;

struct FleetRow {
  Timestamp at;
  std::array<double, kFleetSensors> values{};
};

struct FleetEvent {
  Timestamp at;
  std::size_t kind = 0;  ///< "error3" and "comp3" are 2.
};

/// Everything ascends in time.
struct FleetMachine {
  double model = 0.0;
  double age_years = 0.0;
  std::vector<FleetRow> telemetry;  ///< Hourly; empty where none was recorded.
  std::vector<FleetEvent> errors;
  std::vector<FleetEvent> failures;
  std::vector<FleetEvent> replacements;  ///< As a precaution or after a failure.
};

struct Fleet {
  std::map<int, FleetMachine> machines;
  /// Errors and failures were written down from here on; replacements are known from before.
  Timestamp begin;
  Timestamp end;
};

/// Reads PdM_machines, PdM_telemetry, PdM_errors, PdM_failures and PdM_maint, .csv or .csv.gz.
/// Errors: kNotFound; kInvalidArgument naming file, line and column.
Result<Fleet> read_fleet(const std::filesystem::path& folder);

}  // namespace millwright

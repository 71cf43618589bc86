#include "apps/millwright/commands/azure_file.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "apps/millwright/commands/table_file.h"
#include "base/text.h"

namespace millwright {
namespace {

using Cells = std::vector<std::string_view>;

/// The rows of a file below its header, which must be the one given.
Result<> read_table(const std::filesystem::path& folder, const std::string& name,
                    std::string_view header, const std::function<Result<>(const Cells&)>& take) {
  const std::size_t columns = split_commas(header).size();
  return read_lines(table_in(folder, name + ".csv"),
                    [&](std::size_t number, std::string_view line) -> Result<> {
                      if (number == 1) {
                        if (line == header) return {};
                        return invalid_argument("the header is not " + quote(header));
                      }
                      const Cells cells = split_commas(line);
                      if (cells.size() == columns) return take(cells);
                      return invalid_argument("the row has " + std::to_string(cells.size()) +
                                              " columns, expected " + std::to_string(columns));
                    });
}

Result<FleetMachine*> machine_of(Fleet& fleet, std::string_view cell) {
  MW_ASSIGN(const double number, to_number("machineID", cell));
  const auto found = fleet.machines.find(static_cast<int>(std::clamp(number, -1.0, 1e9)));
  if (found != fleet.machines.end()) return &found->second;
  return invalid_argument("machine " + quote(cell) + " is not in PdM_machines");
}

/// The number after the word, counted from 0: "comp3" is 2.
Result<std::size_t> kind_of(std::string_view word, std::string_view cell, std::size_t kinds) {
  if (cell.starts_with(word)) {
    MW_ASSIGN(const double number, to_number(word, cell.substr(word.size())));
    const double whole = std::floor(number);
    if (whole == number && whole >= 1.0 && whole <= static_cast<double>(kinds)) {
      return static_cast<std::size_t>(whole) - 1;
    }
  }
  return invalid_argument(quote(cell) + " is not one of " + quote(std::string(word) + "1") +
                          " to " + quote(std::string(word) + std::to_string(kinds)));
}

Result<> read_events(const std::filesystem::path& folder, const std::string& name,
                     std::string_view column, std::string_view word, std::size_t kinds,
                     Fleet& fleet, std::vector<FleetEvent> FleetMachine::*events) {
  const std::string header = "datetime,machineID," + std::string(column);
  return read_table(folder, name, header, [&](const Cells& cells) -> Result<> {
    MW_ASSIGN(const Timestamp at, parse_utc(cells[0]));
    MW_ASSIGN(FleetMachine* const machine, machine_of(fleet, cells[1]));
    MW_ASSIGN(const std::size_t kind, kind_of(word, cells[2], kinds));
    (machine->*events).push_back({at, kind});
    return {};
  });
}

Result<> read_machines(const std::filesystem::path& folder, Fleet& fleet) {
  constexpr std::size_t kModels = 100;
  return read_table(folder, "PdM_machines", "machineID,model,age",
                    [&](const Cells& cells) -> Result<> {
                      MW_ASSIGN(const double number, to_number("machineID", cells[0]));
                      if (number < 0.0 || number > 1e9)
                        return invalid_argument("machineID is out of range");
                      MW_ASSIGN(const std::size_t model, kind_of("model", cells[1], kModels));
                      FleetMachine& machine = fleet.machines[static_cast<int>(number)];
                      machine.model = static_cast<double>(model);
                      MW_ASSIGN(machine.age_years, to_number("age", cells[2]));
                      return {};
                    });
}

Result<> read_telemetry(const std::filesystem::path& folder, Fleet& fleet) {
  return read_table(folder, "PdM_telemetry", "datetime,machineID,volt,rotate,pressure,vibration",
                    [&](const Cells& cells) -> Result<> {
                      FleetRow row;
                      MW_ASSIGN(row.at, parse_utc(cells[0]));
                      MW_ASSIGN(FleetMachine* const machine, machine_of(fleet, cells[1]));
                      for (std::size_t s = 0; s < kFleetSensors; ++s) {
                        MW_ASSIGN(row.values[s], to_number("telemetry", cells[2 + s]));
                      }
                      machine->telemetry.push_back(row);
                      return {};
                    });
}

template <typename T>
void order(std::vector<T>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const T& a, const T& b) { return a.at < b.at; });
}

}  // namespace

Result<Fleet> read_fleet(const std::filesystem::path& folder) {
  Fleet fleet;
  MW_TRY(read_machines(folder, fleet));
  MW_TRY(read_telemetry(folder, fleet));
  MW_TRY(read_events(folder, "PdM_errors", "errorID", "error", kFleetErrors, fleet,
                     &FleetMachine::errors));
  MW_TRY(read_events(folder, "PdM_failures", "failure", "comp", kFleetComponents, fleet,
                     &FleetMachine::failures));
  MW_TRY(read_events(folder, "PdM_maint", "comp", "comp", kFleetComponents, fleet,
                     &FleetMachine::replacements));
  fleet.begin = Timestamp::max();
  fleet.end = Timestamp::min();
  for (auto& [number, machine] : fleet.machines) {
    order(machine.telemetry);
    for (auto* events : {&machine.errors, &machine.failures, &machine.replacements}) {
      order(*events);
      if (!events->empty()) fleet.end = std::max(fleet.end, events->back().at);
    }
    for (const auto* events : {&machine.errors, &machine.failures}) {
      if (!events->empty()) fleet.begin = std::min(fleet.begin, events->front().at);
    }
  }
  return fleet;
}

}  // namespace millwright

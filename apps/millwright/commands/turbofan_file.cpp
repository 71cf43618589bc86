#include "apps/millwright/commands/turbofan_file.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/millwright/commands/table_file.h"
#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kCmapssColumns = 26;

/// Where in a row things are.
struct Layout {
  bool commas = false;
  std::size_t cells = 0;
  std::size_t unit = 0, cycle = 0;
  std::vector<std::size_t> settings;  ///< Three, or none.
  std::vector<std::size_t> sensors;
};

Layout cmapss_layout() {
  Layout layout{
      .cells = kCmapssColumns, .unit = 0, .cycle = 1, .settings = {2, 3, 4}, .sensors = {}};
  for (const std::string& input : turbofan_inputs()) {
    layout.sensors.push_back(4 + static_cast<std::size_t>(std::stoi(input.substr(1))));
  }
  return layout;
}

Result<Layout> csv_layout(std::string_view header) {
  const auto cells = split_commas(header);
  const auto find = [&](std::string_view name) -> Result<std::size_t> {
    const auto found = std::find(cells.begin(), cells.end(), name);
    if (found == cells.end()) {
      return invalid_argument("the header has no column " + quote(name) +
                              ": needed are unit, cycle and the sensors s2 to s21");
    }
    return static_cast<std::size_t>(found - cells.begin());
  };
  Layout layout;
  layout.commas = true;
  layout.cells = cells.size();
  MW_ASSIGN(layout.unit, find("unit"));
  MW_ASSIGN(layout.cycle, find("cycle"));
  for (const std::string& input : turbofan_inputs()) {
    MW_ASSIGN(const std::size_t at, find(input));
    layout.sensors.push_back(at);
  }
  if (find("setting1")) {
    for (const char* name : {"setting1", "setting2", "setting3"}) {
      MW_ASSIGN(const std::size_t at, find(name));
      layout.settings.push_back(at);
    }
  }
  return layout;
}

Result<> read_row(std::string_view line, const Layout& layout,
                  std::vector<ml::TurbofanUnit>& units) {
  const auto cells = layout.commas ? split_commas(line) : split_blanks(line);
  if (cells.size() != layout.cells) {
    return invalid_argument("the row has " + std::to_string(cells.size()) + " columns, expected " +
                            std::to_string(layout.cells));
  }
  MW_ASSIGN(const double number, to_number("unit", cells[layout.unit]));
  MW_ASSIGN(const double cycle, to_number("cycle", cells[layout.cycle]));
  const int unit = static_cast<int>(std::lround(std::clamp(number, 0.0, 1e9)));
  if (units.empty() || units.back().unit != unit) {
    const bool again =
        std::any_of(units.begin(), units.end(), [&](const auto& u) { return u.unit == unit; });
    if (again) return invalid_argument("unit " + std::to_string(unit) + " comes in two pieces");
    units.emplace_back();
    units.back().unit = unit;
  }
  ml::TurbofanUnit& current = units.back();
  if (!current.cycle.empty() && cycle <= current.cycle.back()) {
    return invalid_argument("column 'cycle' does not ascend inside unit " + std::to_string(unit));
  }
  current.cycle.push_back(cycle);
  if (!layout.settings.empty()) {
    std::array<double, 3> settings{};
    for (std::size_t i = 0; i < 3; ++i) {
      MW_ASSIGN(settings[i], to_number("setting", cells[layout.settings[i]]));
    }
    current.settings.push_back(settings);
  }
  for (std::size_t i = 0; i < layout.sensors.size(); ++i) {
    MW_ASSIGN(const double value, to_number(turbofan_inputs()[i], cells[layout.sensors[i]]));
    current.sensors.push_back(value);
  }
  return {};
}

}  // namespace

const std::vector<std::string>& turbofan_inputs() {
  // The sensors that change in flight; the other seven are constant in every regime.
  static const std::vector<std::string> inputs = {"s2",  "s3",  "s4",  "s7",  "s8",  "s9",  "s11",
                                                  "s12", "s13", "s14", "s15", "s17", "s20", "s21"};
  return inputs;
}

Result<std::vector<ml::TurbofanUnit>> read_turbofan_units(const std::filesystem::path& path) {
  std::vector<ml::TurbofanUnit> units;
  Layout layout = cmapss_layout();
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    if (number == 1 && line.find(',') != std::string_view::npos) {
      MW_ASSIGN(layout, csv_layout(line));
      return {};
    }
    return read_row(line, layout, units);
  }));
  if (units.empty()) return invalid_argument("file " + quote(path.string()) + " has no unit in it");
  return units;
}

Result<std::map<int, double>> read_true_lives(const std::filesystem::path& path) {
  std::map<int, double> lives;
  MW_TRY(read_lines(path, [&](std::size_t, std::string_view line) -> Result<> {
    const auto cells = split_blanks(line);
    if (cells.size() != 2) return invalid_argument("expected 'unit RUL', got " + quote(line));
    MW_ASSIGN(const double unit, to_number("unit", cells[0]));
    MW_ASSIGN(const double life, to_number("RUL", cells[1]));
    lives[static_cast<int>(std::lround(unit))] = life;
    return {};
  }));
  return lives;
}

}  // namespace millwright

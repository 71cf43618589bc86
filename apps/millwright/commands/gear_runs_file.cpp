#include "apps/millwright/commands/gear_runs_file.h"

#include <algorithm>
#include <array>
#include <map>

#include "apps/millwright/commands/table_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "ml/evaluation/splits.h"
#include "ml/fault/gear_classifier.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kIntervalUs = 200;  // the recordings' own rate, 5 kHz
constexpr std::array<std::string_view, 6> kColumns = {"sensor1",  "sensor2",    "time_x",
                                                      "speedSet", "load_value", "gear_fault_desc"};

/// The words of the recordings, and ours.
Result<std::string> condition_of(std::string_view words) {
  static const std::map<std::string_view, std::string_view> names = {
      {"No fault", "no_fault"},
      {"eccentricity", "eccentricity"},
      {"missing tooth", "missing_tooth"},
      {"Root crack", "root_crack"},
      {"surface defect", "surface_fault"},
      {"chipped tooth", "tooth_chipped_fault"}};
  for (const auto& [theirs, ours] : names) {
    if (words == theirs || words == ours) return std::string(ours);
  }
  return invalid_argument("column 'gear_fault_desc' has " + quote(words) +
                          ", which is none of the six conditions");
}

struct File {
  std::array<std::size_t, kColumns.size()> at{};  ///< Where the columns are; by kColumns.
  bool is_gear = false;
  std::vector<ml::RecordingKey> keys;
  std::vector<std::string> conditions;
  std::vector<double> x, y;
};

void read_header(std::string_view line, File& file) {
  const auto cells = split_commas(line);
  file.is_gear = true;
  for (std::size_t c = 0; c < kColumns.size(); ++c) {
    const auto found = std::find(cells.begin(), cells.end(), kColumns[c]);
    file.is_gear = file.is_gear && found != cells.end();
    file.at[c] = static_cast<std::size_t>(found - cells.begin());
  }
}

Result<> read_row(std::string_view line, File& file) {
  const auto cells = split_commas(line);
  for (const std::size_t at : file.at) {
    if (at >= cells.size()) return invalid_argument("the row is shorter than the header");
  }
  MW_ASSIGN(const double x, to_number(kColumns[0], cells[file.at[0]]));
  MW_ASSIGN(const double y, to_number(kColumns[1], cells[file.at[1]]));
  std::string time(cells[file.at[2]]);
  std::replace(time.begin(), time.end(), ' ', 'T');
  MW_ASSIGN(const Timestamp t, parse_utc(time));
  MW_ASSIGN(const double speed, to_number(kColumns[3], cells[file.at[3]]));
  MW_ASSIGN(const double load, to_number(kColumns[4], cells[file.at[4]]));
  MW_ASSIGN(std::string condition, condition_of(cells[file.at[5]]));
  const auto& classes = ml::gear_classes();
  const auto label = std::find(classes.begin(), classes.end(), condition) - classes.begin();
  file.keys.push_back({to_us(t), speed, load, static_cast<int>(label)});
  file.conditions.push_back(std::move(condition));
  file.x.push_back(x);
  file.y.push_back(y);
  return {};
}

void add_recordings(const File& file, std::vector<ml::GearRun>& runs) {
  for (const ml::Range& range : ml::cut_recordings(file.keys, kIntervalUs)) {
    if (range.size() < ml::kGearWindowSize) continue;
    const auto begin = static_cast<std::ptrdiff_t>(range.begin);
    const auto end = static_cast<std::ptrdiff_t>(range.end);
    ml::GearRun run;
    run.condition = file.conditions[range.begin];
    run.speed_hz = file.keys[range.begin].speed;
    run.load_nm = file.keys[range.begin].load;
    run.sample_rate_hz = 1e6 / static_cast<double>(kIntervalUs);
    run.x_axis.assign(file.x.begin() + begin, file.x.begin() + end);
    run.y_axis.assign(file.y.begin() + begin, file.y.begin() + end);
    runs.push_back(std::move(run));
  }
}

}  // namespace

Result<std::vector<ml::GearRun>> read_gear_runs(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".csv") || name.ends_with(".csv.gz")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());  // the same order everywhere: the same model everywhere
  std::vector<ml::GearRun> runs;
  for (const fs::path& path : paths) {
    File file;
    MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
      if (number == 1) {
        read_header(line, file);
        return {};
      }
      return file.is_gear ? read_row(line, file) : Result<>();
    }));
    add_recordings(file, runs);
  }
  if (runs.empty()) {
    return not_found("folder " + quote(folder.string()) +
                     " has no recorded gear run: it needs CSV files with the columns sensor1, "
                     "sensor2, time_x, speedSet, load_value, gear_fault_desc");
  }
  return runs;
}

}  // namespace millwright

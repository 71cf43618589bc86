/// gearbox_spectraquest: a healthy gearbox and one with a broken tooth, at ten loads.

#include "apps/millwright/commands/labelled_split.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/features/vibration_features.h"

namespace millwright {
namespace {

constexpr std::size_t kWindow = 1'024;
constexpr std::size_t kAxes = 4;
constexpr std::size_t kClasses = 2;
constexpr double kRateHz = 1.0;  // not stated by the source: frequencies are shares of it

Result<std::vector<std::vector<double>>> read_axes(const std::filesystem::path& file) {
  std::vector<std::vector<double>> axes(kAxes);
  MW_TRY(read_lines(file, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_commas(line);
    if (cells.size() < kAxes) return invalid_argument("a row needs four columns: a1, a2, a3, a4");
    if (number == 1 && cells[0] == "a1") return {};
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      MW_ASSIGN(const double value, to_number("a" + std::to_string(axis + 1), cells[axis]));
      axes[axis].push_back(value);
    }
    return {};
  }));
  return axes;
}

/// Rows by load, from files such as b30hz60.csv.gz: broken, 30 Hz, 60 %.
Result<RowsByGroup> read_gearbox(const std::filesystem::path& folder) {
  RowsByGroup by_load;
  MW_ASSIGN(const std::vector<std::string> names, files_in(folder));
  for (const std::string& name : names) {
    const std::size_t dot = name.find(".csv");
    const bool is_recording =
        dot != std::string::npos && (name.starts_with("h30hz") || name.starts_with("b30hz"));
    if (!is_recording) continue;
    MW_ASSIGN(const auto axes, read_axes(folder / name));
    add_windows(
        axes, {0, axes[0].size()}, kWindow, name[0] == 'b' ? 1 : 0,
        [](std::span<const double> window) { return ml::vibration_features(window, kRateHz); },
        by_load[name.substr(5, dot - 5)]);
  }
  if (by_load.empty()) {
    return not_found("folder " + quote(folder.string()) +
                     " has no recording such as h30hz0.csv.gz or b30hz90.csv");
  }
  return by_load;
}

SeedScore score_of(const ml::Confusion& confusion) {
  return {confusion.total(),
          {{"balanced_accuracy", confusion.balanced_accuracy()}},
          {{"balanced_accuracy", 1.0 / kClasses}}};
}

}  // namespace

Result<EvaluationReport> evaluate_gearbox_spectraquest(const EvaluateOptions& options) {
  MW_ASSIGN(const RowsByGroup by_load, read_gearbox(options.data));
  RowsByGroup train;
  if (!options.train.empty()) {
    MW_ASSIGN(train, read_gearbox(options.train));
  }
  const bool is_apart = !options.train.empty();
  MW_ASSIGN(
      ProtocolResult result,
      over_five_seeds(options, is_apart ? "train_folder" : "load_left_out",
                      is_apart ? "all of the train folder trains, all of the data folder is tested"
                               : "one load left out at a time",
                      [&](std::uint32_t seed) -> Result<SeedScore> {
                        MW_ASSIGN(const ml::Confusion confusion,
                                  is_apart ? judge(pooled(train), pooled(by_load), kClasses, seed)
                                           : leave_one_out(by_load, kClasses, seed));
                        return score_of(confusion);
                      }));
  return EvaluationReport{"gearbox_spectraquest", {std::move(result)}};
}

}  // namespace millwright

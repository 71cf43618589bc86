/// ucr_samples: series with one anomaly each, whose place is in the file's name or a column.

#include <algorithm>
#include <charconv>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/anomaly/discord.h"

namespace millwright {
namespace {

constexpr std::size_t kShortest = 32;  // samples of a window
constexpr std::size_t kLongest = 400;
constexpr std::size_t kTolerance = 100;

struct LabelledSeries {
  std::vector<double> values;
  std::size_t trained = 0;       ///< samples without anomaly at the beginning
  std::vector<bool> is_unusual;  ///< shape of values
};

/// Numbers between the name's underscores.
std::vector<std::size_t> numbers_in(const std::string& name) {
  std::vector<std::size_t> out;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find_first_of("_.", begin), name.size());
    std::size_t value = 0;
    const auto [at, error] = std::from_chars(name.data() + begin, name.data() + end, value);
    if (error == std::errc() && at == name.data() + end && end > begin) out.push_back(value);
    begin = end + 1;
  }
  return out;
}

Result<> read_values(const std::filesystem::path& path, LabelledSeries& series) {
  return read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_commas(line);
    if (number == 1 && cells[0] == "Data") return {};
    MW_ASSIGN(const double value, to_number("value", cells[0]));
    double label = 0.0;
    if (cells.size() > 1) {
      MW_ASSIGN(label, to_number("Label", cells[1]));
    }
    series.values.push_back(value);
    series.is_unusual.push_back(label != 0.0);
    return {};
  });
}

/// From names such as 135_UCR_Anomaly_InternalBleeding16_1200_4187_4199.txt.gz (end of training,
/// begin and end of the anomaly) and ..._tr_1007_1st_2014.csv.gz with a column Label.
Result<std::optional<LabelledSeries>> read_series(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const bool is_ucr = name.find("_UCR_Anomaly_") != std::string::npos;
  const std::size_t tsb = name.find("_tr_");
  if (!is_ucr && tsb == std::string::npos) return std::optional<LabelledSeries>();
  const auto numbers = numbers_in(is_ucr ? name : name.substr(tsb));
  if (numbers.size() < (is_ucr ? 3U : 1U)) return std::optional<LabelledSeries>();
  LabelledSeries series;
  MW_TRY(read_values(path, series));
  const std::size_t last = numbers.size() - 1;
  series.trained = is_ucr ? numbers[last - 2] : numbers[0];
  for (std::size_t i = numbers[last - 1 + (is_ucr ? 0 : 1)]; is_ucr && i <= numbers[last]; ++i) {
    if (i < series.values.size()) series.is_unusual[i] = true;
  }
  if (series.trained < 2 * kShortest || series.trained >= series.values.size()) {
    return invalid_argument(quote(name) + " has " + std::to_string(series.values.size()) +
                            " values, " + std::to_string(series.trained) +
                            " of them to learn from; it needs 64 of those and more behind them");
  }
  return std::optional(std::move(series));
}

/// Whether the middle of the most unusual window lies at an anomaly.
bool is_found(const LabelledSeries& series) {
  const auto learnt = std::span(series.values).first(series.trained);
  const std::size_t window = ml::dominant_period(learnt, kShortest, kLongest);
  const auto profile = ml::left_profile(series.values, window, series.trained);
  const auto highest = std::max_element(profile.begin(), profile.end()) - profile.begin();
  const std::size_t middle = static_cast<std::size_t>(highest) + window / 2;
  const std::size_t begin = middle > kTolerance ? middle - kTolerance : 0;
  const std::size_t end = std::min(series.is_unusual.size(), middle + kTolerance + 1);
  return std::any_of(series.is_unusual.begin() + static_cast<std::ptrdiff_t>(begin),
                     series.is_unusual.begin() + static_cast<std::ptrdiff_t>(end),
                     [](bool unusual) { return unusual; });
}

/// Share of the tested samples at which a guess would be right.
double chance(const LabelledSeries& series) {
  std::size_t right = 0;
  std::ptrdiff_t last = -1'000'000;
  std::vector<std::ptrdiff_t> next(series.is_unusual.size() + 1, 1'000'000'000);
  for (std::size_t i = series.is_unusual.size(); i > 0; --i) {
    next[i - 1] = series.is_unusual[i - 1] ? static_cast<std::ptrdiff_t>(i - 1) : next[i];
  }
  for (std::size_t i = 0; i < series.is_unusual.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    if (series.is_unusual[i]) last = at;
    const auto reach = static_cast<std::ptrdiff_t>(kTolerance);
    if (i >= series.trained && (at - last <= reach || next[i] - at <= reach)) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(series.values.size() - series.trained);
}

}  // namespace

Result<EvaluationReport> evaluate_ucr_samples(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<std::string> names, files_in(options.data));
  ProtocolResult result;
  result.name = "highest_score";
  result.split =
      "learns from the part that the name gives; the highest score counts, 100 samples aside";
  result.tier = "scheduled";
  double found = 0.0, guessed = 0.0;
  for (const std::string& name : names) {
    MW_ASSIGN(const auto series, read_series(options.data / name));
    if (!series) continue;
    const bool is_right = is_found(*series);
    say("ucr_samples " + name + ": " + (is_right ? "found" : "missed"));
    found += is_right ? 1.0 : 0.0;
    guessed += chance(*series);
    ++result.n;
  }
  if (result.n == 0) {
    return not_found("folder " + quote(options.data.string()) +
                     " has no series such as 135_UCR_Anomaly_NAME_1200_4187_4199.txt");
  }
  result.metrics = {{"found", found}, {"n", static_cast<double>(result.n)}};
  result.baseline = {{"found", guessed}};
  return EvaluationReport{"ucr_samples", {std::move(result)}};
}

}  // namespace millwright

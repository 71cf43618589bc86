/// occupancy_uci: the climate of a room, in which nothing is wrong; then with faults put in.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "ml/anomaly/relation_detector.h"
#include "ml/anomaly/streaming_detector.h"
#include "signal/random.h"
#include "signal/statistics.h"

namespace millwright {
namespace {

constexpr std::array<const char*, 5> kMetrics = {"Temperature", "Humidity", "Light", "CO2",
                                                 "HumidityRatio"};
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kQuietStartUs = 6 * kHourUs;  // before the first fault: "first hours"
constexpr std::size_t kFaultsPerMetric = 40;

/// One file: rows of all metrics.
struct Recording {
  std::string name;
  std::vector<std::int64_t> t_us;
  std::array<std::vector<double>, kMetrics.size()> values;
};

enum class Fault { kSpike, kLevelShift, kDrift, kStuck, kDropped };
constexpr std::array kFaults = {Fault::kSpike, Fault::kLevelShift, Fault::kDrift, Fault::kStuck,
                                Fault::kDropped};

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::kSpike:
      return "spike";
    case Fault::kLevelShift:
      return "level_shift";
    case Fault::kDrift:
      return "drift";
    case Fault::kStuck:
      return "stuck";
    case Fault::kDropped:
      return "dropped";
  }
  return "unknown";
}

std::int64_t duration_of(Fault fault) {
  switch (fault) {
    case Fault::kSpike:
      return 0;
    case Fault::kLevelShift:
      return 2 * kHourUs;
    case Fault::kDrift:
      return 4 * kHourUs;
    case Fault::kStuck:
    case Fault::kDropped:
      return kHourUs;
  }
  return 0;
}

std::int64_t allowed_for(Fault fault) {
  return fault == Fault::kDrift ? 3 * kHourUs : 30 * kMinuteUs;
}

Result<Recording> read_recording(const std::filesystem::path& path) {
  Recording recording;
  recording.name = path.filename().string();
  std::array<std::size_t, kMetrics.size()> column{};
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    auto cells = split_commas(line);
    for (auto& cell : cells) {
      if (cell.size() >= 2 && cell.front() == '"') cell = cell.substr(1, cell.size() - 2);
    }
    if (number == 1) {
      for (std::size_t m = 0; m < kMetrics.size(); ++m) {
        const auto found = std::find(cells.begin(), cells.end(), kMetrics[m]);
        if (found == cells.end()) {
          return invalid_argument("the header has no column " + quote(kMetrics[m]));
        }
        // The header has no name for the first column, the number of the row.
        column[m] = static_cast<std::size_t>(found - cells.begin()) + 1;
      }
      return {};
    }
    if (cells.size() < kMetrics.size() + 2) return invalid_argument("the row has too few columns");
    std::string time(cells[1]);
    std::replace(time.begin(), time.end(), ' ', 'T');
    MW_ASSIGN(const Timestamp at, parse_utc(time + "Z"));
    recording.t_us.push_back(to_us(at));
    for (std::size_t m = 0; m < kMetrics.size(); ++m) {
      if (column[m] >= cells.size()) return invalid_argument("the row has too few columns");
      MW_ASSIGN(const double value, to_number(kMetrics[m], cells[column[m]]));
      recording.values[m].push_back(value);
    }
    return {};
  }));
  if (recording.t_us.size() < 2 || recording.t_us.back() - recording.t_us.front() < kDayUs) {
    return invalid_argument(quote(recording.name) + " is shorter than a day");
  }
  return recording;
}

/// Standard deviation of what is left without trend (the mean of the day round each value) and
/// season (the mean of the rest at the same half hour of the day): classical decomposition.
double residual_deviation(const Recording& recording, std::size_t metric) {
  const auto& t = recording.t_us;
  const auto& x = recording.values[metric];
  std::vector<double> sums(x.size() + 1, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) sums[i + 1] = sums[i] + x[i];
  std::vector<double> rest(x.size());
  std::array<double, 48> season{}, count{};
  const auto slot = [&](std::size_t i) {
    return static_cast<std::size_t>(t[i] % kDayUs / (30 * kMinuteUs));
  };
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto from = std::lower_bound(t.begin(), t.end(), t[i] - kDayUs / 2) - t.begin();
    const auto to = std::upper_bound(t.begin(), t.end(), t[i] + kDayUs / 2) - t.begin();
    rest[i] = x[i] - (sums[static_cast<std::size_t>(to)] - sums[static_cast<std::size_t>(from)]) /
                         static_cast<double>(to - from);
    season[slot(i)] += rest[i];
    count[slot(i)] += 1.0;
  }
  for (std::size_t i = 0; i < x.size(); ++i) rest[i] -= season[slot(i)] / count[slot(i)];
  return signal::shape_of(rest).rms;
}

struct Injected {
  Fault fault = Fault::kSpike;
  std::size_t begin = 0;  ///< Place of its first row.
  double size = 0.0;      ///< Sigma of the residual, with the sign of the fault.
};

bool is_hit(const Recording& recording, const Injected& injected, std::size_t i) {
  return i >= injected.begin &&
         recording.t_us[i] <= recording.t_us[injected.begin] + duration_of(injected.fault);
}

/// The value of row i with the fault in it; nothing where the sample is lost.
std::optional<double> value_at(const Recording& recording, std::size_t metric,
                               const Injected& injected, std::size_t i) {
  const auto& x = recording.values[metric];
  if (!is_hit(recording, injected, i)) return x[i];
  const double hours =
      static_cast<double>(recording.t_us[i] - recording.t_us[injected.begin]) / kHourUs;
  switch (injected.fault) {
    case Fault::kSpike:
      return x[i] + 6.0 * injected.size;
    case Fault::kLevelShift:
      return x[i] + 3.0 * injected.size;
    case Fault::kDrift:
      return x[i] + hours * injected.size;
    case Fault::kStuck:
      return x[injected.begin];
    case Fault::kDropped:
      return std::nullopt;
  }
  return x[i];
}

/// Times at which an anomaly opens, without a fault or with one.
std::vector<std::int64_t> alarms_of(const Recording& recording, std::size_t metric,
                                    const std::optional<Injected>& injected, std::size_t end) {
  ml::StreamingDetector detector({.name = kMetrics[metric], .unit = ""});
  std::vector<std::int64_t> alarms;
  for (std::size_t i = 0; i < end; ++i) {
    const auto value = injected ? value_at(recording, metric, *injected, i)
                                : std::optional(recording.values[metric][i]);
    const auto change = value ? detector.update(recording.t_us[i], *value)
                              : detector.notice_silence(recording.t_us[i]);
    if (!change || change->phase != ml::AnomalyPhase::kOpened) continue;
    alarms.push_back(recording.t_us[i]);
    if (!injected) {
      say("occupancy_uci " + recording.name + " " + format_utc(from_us(recording.t_us[i])) + " " +
          std::string(to_string(change->kind)) + ": " + change->reason);
    }
  }
  return alarms;
}

/// The same of what the metrics explain of each other. A row without all of its values is left out.
Result<std::vector<std::int64_t>> relation_alarms_of(const Recording& recording, std::size_t metric,
                                                     const std::optional<Injected>& injected,
                                                     std::size_t end) {
  MW_ASSIGN(ml::RelationDetector detector,
            ml::RelationDetector::create({kMetrics.begin(), kMetrics.end()}));
  std::vector<std::int64_t> alarms;
  std::array<double, kMetrics.size()> row{};
  for (std::size_t i = 0; i < end; ++i) {
    for (std::size_t m = 0; m < row.size(); ++m) row[m] = recording.values[m][i];
    if (injected) {
      row[metric] = value_at(recording, metric, *injected, i)
                        .value_or(std::numeric_limits<double>::quiet_NaN());
    }
    const auto change = detector.update(recording.t_us[i], row);
    if (!change || !change->is_open) continue;
    alarms.push_back(recording.t_us[i]);
    if (!injected) {
      say("occupancy_uci " + recording.name + " " + format_utc(from_us(recording.t_us[i])) +
          " relation: " + change->reason);
    }
  }
  return alarms;
}

struct Tested {
  Recording recording;
  std::array<double, kMetrics.size()> sigma{};
  std::array<std::vector<std::int64_t>, kMetrics.size()> clean;  ///< Alarms without a fault.
  std::vector<std::int64_t> clean_relations;
};

/// Whether an alarm comes in the time allowed that would not come without the fault.
Result<bool> is_found(const Tested& tested, std::size_t metric, const Injected& injected) {
  const Recording& recording = tested.recording;
  const std::int64_t begin = recording.t_us[injected.begin];
  const std::int64_t until = begin + allowed_for(injected.fault);
  const auto end = static_cast<std::size_t>(
      std::upper_bound(recording.t_us.begin(), recording.t_us.end(), until) -
      recording.t_us.begin());
  const auto has_inside = [&](const std::vector<std::int64_t>& alarms) {
    return std::any_of(alarms.begin(), alarms.end(),
                       [&](std::int64_t at) { return at >= begin && at <= until; });
  };
  if (!has_inside(tested.clean[metric]) &&
      has_inside(alarms_of(recording, metric, injected, end))) {
    return true;
  }
  if (has_inside(tested.clean_relations)) return false;
  MW_ASSIGN(const auto alarms, relation_alarms_of(recording, metric, injected, end));
  return has_inside(alarms);
}

/// A place for a fault: after the first hours, with room for it before the end.
std::size_t draw_begin(const Recording& recording, Fault fault, signal::RandomSource& random) {
  const auto& t = recording.t_us;
  const auto first = std::lower_bound(t.begin(), t.end(), t.front() + kQuietStartUs) - t.begin();
  const std::int64_t room = std::max(duration_of(fault), allowed_for(fault));
  const auto last = std::upper_bound(t.begin(), t.end(), t.back() - room) - t.begin();
  return static_cast<std::size_t>(first) +
         random.below(static_cast<std::size_t>(last) - static_cast<std::size_t>(first));
}

/// A recording by chance: the longer, the more of the faults.
const Tested& draw_recording(const std::vector<Tested>& tested, signal::RandomSource& random) {
  std::size_t rows = 0;
  for (const Tested& each : tested) rows += each.recording.t_us.size();
  std::size_t row = random.below(rows);
  for (const Tested& each : tested) {
    if (row < each.recording.t_us.size()) return each;
    row -= each.recording.t_us.size();
  }
  return tested.back();
}

/// Share of the faults found, in all, by kind and by metric.
class Recall {
 public:
  void add(const std::string& of, bool hit) {
    Count& count = counts_[of.empty() ? "recall" : "recall_" + of];
    count.hits += hit ? 1.0 : 0.0;
    count.all += 1.0;
  }
  std::map<std::string, double> shares() const {
    std::map<std::string, double> shares;
    for (const auto& [key, count] : counts_) shares[key] = count.hits / count.all;
    return shares;
  }

 private:
  struct Count {
    double hits = 0.0, all = 0.0;
  };
  std::map<std::string, Count> counts_;
};

Result<SeedScore> inject(const std::vector<Tested>& tested, std::uint32_t seed) {
  signal::RandomSource random(seed);
  Recall recall;
  for (std::size_t m = 0; m < kMetrics.size(); ++m) {
    for (std::size_t k = 0; k < kFaultsPerMetric; ++k) {
      const Fault fault = kFaults[k % kFaults.size()];
      const Tested& where = draw_recording(tested, random);
      const double sign = random.below(2) == 0 ? -1.0 : 1.0;
      const Injected injected{fault, draw_begin(where.recording, fault, random),
                              sign * where.sigma[m]};
      MW_ASSIGN(const bool hit, is_found(where, m, injected));
      for (const std::string of : {"", name_of(fault), kMetrics[m]}) recall.add(of, hit);
    }
  }
  return SeedScore{kMetrics.size() * kFaultsPerMetric, recall.shares(), {}};
}

}  // namespace

Result<EvaluationReport> evaluate_occupancy_uci(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<std::string> names, files_in(options.data));
  std::vector<Tested> tested;
  double alarms = 0.0, days = 0.0;
  for (const std::string& name : names) {
    if (!name.starts_with("data") || name.find(".txt") == std::string::npos) continue;
    MW_ASSIGN(Recording recording, read_recording(options.data / name));
    Tested each{std::move(recording), {}, {}, {}};
    for (std::size_t m = 0; m < kMetrics.size(); ++m) {
      each.sigma[m] = residual_deviation(each.recording, m);
      each.clean[m] = alarms_of(each.recording, m, std::nullopt, each.recording.t_us.size());
      alarms += static_cast<double>(each.clean[m].size());
    }
    MW_ASSIGN(each.clean_relations,
              relation_alarms_of(each.recording, 0, std::nullopt, each.recording.t_us.size()));
    alarms += static_cast<double>(each.clean_relations.size());
    days += static_cast<double>(each.recording.t_us.back() - each.recording.t_us.front()) / kDayUs;
    tested.push_back(std::move(each));
  }
  if (tested.empty()) {
    return not_found("folder " + quote(options.data.string()) +
                     " has no file such as datatraining.txt (plain or .gz)");
  }
  MW_ASSIGN(ProtocolResult result,
            over_five_seeds(
                options, "injected_faults",
                "every file streamed from its first row; one fault a replay, at random "
                "places after the first six hours",
                [&](std::uint32_t seed) -> Result<SeedScore> { return inject(tested, seed); }));
  result.tier = "always_on";
  result.metrics["alarms_per_metric"] = alarms / static_cast<double>(kMetrics.size());
  result.metrics["days"] = days;
  result.baseline = {{"recall", 0.0}, {"alarms_per_metric", 0.0}};
  return EvaluationReport{"occupancy_uci", {std::move(result)}};
}

}  // namespace millwright

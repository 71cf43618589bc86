/// cwru: seeded faults of a rolling bearing (SKF 6205), drive end at 12 kHz.

#include <zlib.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>

#include "apps/millwright/commands/labelled_split.h"
#include "base/text.h"
#include "ml/fault/discriminant.h"
#include "ml/features/vibration_features.h"

namespace millwright {
namespace {

constexpr double kRateHz = 12'000.0;
constexpr std::size_t kWindow = 2'048;
constexpr std::size_t kPlaceWindow = 4'096;  // ten turns of the shaft
constexpr std::array<const char*, 3> kPlaces = {"IR", "OR@6", "B"};
constexpr std::size_t kPlaceCount = kPlaces.size();
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

const signal::BearingOrders& orders() {
  static const signal::BearingOrders value = signal::bearing_orders({9, 7.94, 39.04, 0.0});
  return value;
}

struct Recording {
  std::string rpm;
  std::size_t place = 0;  ///< in kPlaces; kPlaceCount for a bearing without fault
  std::string mil;        ///< size of the fault; empty without one
  std::vector<double> drive_end;
};

/// Drive and fan end in turn, little-endian floats without a header, packed or not.
Result<std::vector<double>> read_drive_end(const std::filesystem::path& path) {
  static_assert(std::endian::native == std::endian::little);
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) return not_found("cannot open " + path.string());
  std::vector<double> values;
  std::array<std::array<float, 2>, 4'096> block{};
  int got = 0;
  while ((got = gzread(file.get(), block.data(), sizeof block)) > 0) {
    const std::size_t pairs = static_cast<std::size_t>(got) / sizeof block[0];
    for (std::size_t i = 0; i < pairs; ++i) values.push_back(block[i][0]);
    if (values.size() * sizeof block[0] > kMostBytes) {
      return invalid_argument(path.string() + " is longer than 256 MiB; it is no recording");
    }
  }
  if (got < 0) return invalid_argument(path.string() + " is damaged; fetch it again");
  return values;
}

/// From names such as 1797_OR@6_21_DE12.f32.gz and 1797_Normal_12k_decimated.f32.gz.
std::optional<Recording> named(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('_', begin), name.size());
    parts.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() < 4 || name.find(".f32") == std::string::npos) return std::nullopt;
  // The other record of a sound bearing has another rate, which would give it away.
  if (parts[1] == "Normal") {
    if (parts[2] != "12k") return std::nullopt;
    return Recording{parts[0], kPlaceCount, "", {}};
  }
  for (std::size_t place = 0; place < kPlaceCount; ++place) {
    if (parts[1] == kPlaces[place] && parts[3].starts_with("DE12")) {
      return Recording{parts[0], place, parts[2], {}};
    }
  }
  return std::nullopt;
}

Result<std::vector<Recording>> read_recordings(const std::filesystem::path& folder) {
  std::vector<Recording> recordings;
  MW_ASSIGN(const std::vector<std::string> names, files_in(folder));
  for (const std::string& name : names) {
    auto recording = named(name);
    if (!recording) continue;
    MW_ASSIGN(recording->drive_end, read_drive_end(folder / name));
    recordings.push_back(std::move(*recording));
  }
  if (!recordings.empty()) return recordings;
  return not_found("folder " + quote(folder.string()) +
                   " has no recording such as 1797_IR_7_DE12.f32.gz");
}

std::vector<float> shape_features(std::span<const double> window) {
  return ml::vibration_features(window, kRateHz);
}

void add(const Recording& recording, ml::Range range, std::size_t label, ml::LabelledRows& rows) {
  add_windows({recording.drive_end}, range, kWindow, label, shape_features, rows);
}

ml::Range whole(const Recording& recording) { return {0, recording.drive_end.size()}; }

bool has_fault(const Recording& recording) { return recording.place < kPlaceCount; }

// Load ------------------------------------------------------------------------------------------

/// Class of place and size; sizes are numbered as they come in the sorted names.
std::size_t class_of(const Recording& recording, std::map<std::string, std::size_t>& classes) {
  const std::string name = kPlaces[recording.place] + std::string(" ") + recording.mil;
  return classes.emplace(name, classes.size()).first->second;
}

RowsByGroup rows_by_load(std::span<const Recording> recordings,
                         std::map<std::string, std::size_t>& classes) {
  RowsByGroup by_load;
  for (const Recording& recording : recordings) {
    if (!has_fault(recording)) continue;
    add(recording, whole(recording), class_of(recording, classes), by_load[recording.rpm]);
  }
  return by_load;
}

SeedScore accuracy_of(const ml::Confusion& confusion, const std::string& key) {
  return {confusion.total(),
          {{key, confusion.accuracy()}},
          {{key, 1.0 / static_cast<double>(confusion.classes())}}};
}

Result<ProtocolResult> by_load(const EvaluateOptions& options,
                               std::span<const Recording> recordings) {
  std::map<std::string, std::size_t> classes;
  const RowsByGroup rows = rows_by_load(recordings, classes);
  return over_five_seeds(
      options, "load", "place and size of the fault, one load left out at a time",
      [&](std::uint32_t seed) -> Result<SeedScore> {
        MW_ASSIGN(const ml::Confusion confusion, leave_one_out(rows, classes.size(), seed));
        return accuracy_of(confusion, "accuracy");
      });
}

// Size --------------------------------------------------------------------------------------------

/// Where the fault is, from the envelope's orders alone: another size, another bearing.
RowsByGroup places_by_size(std::span<const Recording> recordings) {
  RowsByGroup by_size;
  for (const Recording& recording : recordings) {
    if (!has_fault(recording)) continue;
    const double shaft_hz = std::stod(recording.rpm) / 60.0;
    add_windows(
        {recording.drive_end}, whole(recording), kPlaceWindow, recording.place,
        [&](std::span<const double> window) {
          return ml::bearing_features(window, kRateHz, shaft_hz, orders());
        },
        by_size[recording.mil]);
  }
  return by_size;
}

/// The result of a method that has no chance in it: one run.
ProtocolResult without_chance(const EvaluateOptions& options, std::string name, std::string split,
                              SeedScore score) {
  ProtocolResult result;
  result.name = std::move(name);
  result.split = std::move(split);
  result.n = score.n;
  result.metrics = std::move(score.metrics);
  result.baseline = std::move(score.baseline);
  result.seed = options.seed;
  return result;
}

/// Two features and a handful of bearings: a discriminant, whose answer needs no seed.
Result<ml::Confusion> judge_place(const ml::LabelledRows& train, const ml::LabelledRows& test) {
  MW_ASSIGN(const ml::Discriminant model, ml::Discriminant::train(train, kPlaceCount));
  const auto predicted = ml::arg_max(model.scores(test), kPlaceCount);
  ml::Confusion confusion(kPlaceCount);
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    confusion.add(static_cast<std::size_t>(test.labels[i]), predicted[i]);
  }
  return confusion;
}

Result<ProtocolResult> by_size(const EvaluateOptions& options,
                               std::span<const Recording> recordings) {
  const RowsByGroup rows = places_by_size(recordings);
  if (!rows.contains("7") || !rows.contains("21")) {
    return not_found("the folder lacks faults of 7 or of 21 mil; give --train another folder");
  }
  MW_ASSIGN(const ml::Confusion up, judge_place(rows.at("7"), rows.at("21")));
  MW_ASSIGN(const ml::Confusion down, judge_place(rows.at("21"), rows.at("7")));
  SeedScore score = accuracy_of(up, "accuracy_7_21");
  const SeedScore other = accuracy_of(down, "accuracy_21_7");
  score.n += other.n;
  score.metrics.insert(other.metrics.begin(), other.metrics.end());
  score.baseline.insert(other.baseline.begin(), other.baseline.end());
  return without_chance(options, "size", "place of the fault; one size trains, the other tests",
                        std::move(score));
}

// Normal ------------------------------------------------------------------------------------------

/// The share of faulty windows that are called faulty: faults of one load are tested by a model of
/// the sound record and of the faults at other loads, each load in turn.
Result<double> fault_recall(const ml::LabelledRows& sound, const RowsByGroup& faults,
                            std::uint32_t seed) {
  double found = 0.0, all = 0.0;
  for (const auto& [left_out, test] : faults) {
    ml::LabelledRows train = sound;
    for (const auto& [load, rows] : faults) {
      if (load != left_out) train.add(rows);
    }
    MW_ASSIGN(const ml::Confusion confusion, judge(train, test, 2, seed));
    found += static_cast<double>(confusion.count(1, 1));
    all += static_cast<double>(confusion.total());
  }
  return all > 0.0 ? found / all : 0.0;
}

/// Faults of all kinds and the first half of the sound record train; what of the second is called
/// faulty. In a folder of its own all of the sound record is tested. Never calling anything faulty
/// would score well here, so the faults' recall stands beside it.
Result<ProtocolResult> false_alarms(const EvaluateOptions& options,
                                    std::span<const Recording> trained,
                                    std::span<const Recording> tested) {
  const bool is_apart = !options.train.empty();
  ml::LabelledRows sound, test;
  RowsByGroup faults;
  for (const Recording& recording : trained) {
    if (has_fault(recording)) {
      add(recording, whole(recording), 1, faults[recording.rpm]);
    } else {
      // The first half alone, as in the folder's own protocol: what follows may be the tested part.
      add(recording, {0, recording.drive_end.size() / 2}, 0, sound);
    }
  }
  for (const Recording& recording : tested) {
    if (has_fault(recording)) continue;
    const std::size_t half = recording.drive_end.size() / 2;
    add(recording, {is_apart ? 0 : half + kWindow, recording.drive_end.size()}, 0, test);
  }
  ml::LabelledRows train = sound;
  train.add(pooled(faults));
  return over_five_seeds(options, "normal",
                         "first half of the sound record trains, second half tests",
                         [&](std::uint32_t seed) -> Result<SeedScore> {
                           MW_ASSIGN(const ml::Confusion confusion, judge(train, test, 2, seed));
                           const double share = static_cast<double>(confusion.count(0, 1)) /
                                                static_cast<double>(confusion.total());
                           MW_ASSIGN(const double recall, fault_recall(sound, faults, seed));
                           return SeedScore{confusion.total(),
                                            {{"false_alarm", share}, {"fault_recall", recall}},
                                            {{"false_alarm", 1.0}, {"fault_recall", 1.0}}};
                         });
}

bool has_sound_record(std::span<const Recording> recordings) {
  return std::any_of(recordings.begin(), recordings.end(),
                     [](const Recording& recording) { return !has_fault(recording); });
}

// A folder that trains --------------------------------------------------------------------------

/// Sizes that the train folder has are told apart from each other, in all other sizes the place.
Result<std::vector<ProtocolResult>> apart(const EvaluateOptions& options,
                                          std::span<const Recording> trained,
                                          std::span<const Recording> tested) {
  std::vector<ProtocolResult> results;
  std::map<std::string, std::size_t> classes;
  const ml::LabelledRows train = pooled(rows_by_load(trained, classes));
  const std::size_t known = classes.size();
  std::vector<Recording> same, other;
  for (const Recording& recording : tested) {
    if (!has_fault(recording)) continue;
    (class_of(recording, classes) < known ? same : other).push_back(recording);
  }
  if (!same.empty()) {
    const ml::LabelledRows test = pooled(rows_by_load(same, classes));
    MW_ASSIGN(ProtocolResult result,
              over_five_seeds(options, "load",
                              "place and size; all of the train folder trains, known sizes test",
                              [&](std::uint32_t seed) -> Result<SeedScore> {
                                MW_ASSIGN(const ml::Confusion confusion,
                                          judge(train, test, known, seed));
                                return accuracy_of(confusion, "accuracy");
                              }));
    results.push_back(std::move(result));
  }
  if (!other.empty()) {
    const ml::LabelledRows places = pooled(places_by_size(trained));
    const ml::LabelledRows test = pooled(places_by_size(other));
    MW_ASSIGN(const ml::Confusion confusion, judge_place(places, test));
    results.push_back(without_chance(
        options, "size",
        "place of the fault; all of the train folder trains, sizes that it lacks test",
        accuracy_of(confusion, "accuracy")));
  }
  return results;
}

}  // namespace

Result<EvaluationReport> evaluate_cwru(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<Recording> tested, read_recordings(options.data));
  EvaluationReport report{"cwru", {}};
  std::vector<Recording> trained;
  if (options.train.empty()) {
    trained = tested;
    MW_ASSIGN(ProtocolResult load, by_load(options, tested));
    report.protocols.push_back(std::move(load));
    MW_ASSIGN(ProtocolResult size, by_size(options, tested));
    report.protocols.push_back(std::move(size));
  } else {
    MW_ASSIGN(trained, read_recordings(options.train));
    MW_ASSIGN(report.protocols, apart(options, trained, tested));
  }
  if (has_sound_record(tested) && has_sound_record(trained)) {
    MW_ASSIGN(ProtocolResult normal, false_alarms(options, trained, tested));
    report.protocols.push_back(std::move(normal));
  }
  return report;
}

}  // namespace millwright

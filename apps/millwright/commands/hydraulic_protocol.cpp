/// hydraulic_zema: cooler, valve, pump and accumulator of a test rig, a row a cycle of 60 s.

#include <algorithm>
#include <array>
#include <set>

#include "apps/millwright/commands/labelled_split.h"
#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/features/cycle_features.h"

namespace millwright {
namespace {

constexpr std::array<const char*, 9> kSensors = {"TS1", "TS2", "TS3", "TS4", "VS1",
                                                 "SE",  "CE",  "CP",  "FS1"};
constexpr std::array<const char*, 4> kParts = {"cooler", "valve", "pump", "accumulator"};
constexpr std::size_t kBlock = 49;  // cycles; the data set's own blocks

struct Cycles {
  std::vector<std::vector<float>> features;
  std::vector<std::array<double, 5>> profile;  ///< condition of each part, stable flag
  std::vector<std::int64_t> number;            ///< of the cycle in the experiment
  std::size_t size() const { return profile.size(); }
};

Result<> read_sensor(const std::filesystem::path& folder, const char* sensor, Cycles& cycles) {
  std::size_t row = 0;
  MW_TRY(read_lines(table_in(folder, std::string(sensor) + ".txt"),
                    [&](std::size_t, std::string_view line) -> Result<> {
                      if (row >= cycles.size()) {
                        return invalid_argument("there are more cycles than in profile.txt");
                      }
                      std::vector<double> values;
                      for (const std::string_view cell : split_blanks(line)) {
                        MW_ASSIGN(const double value, to_number(sensor, cell));
                        values.push_back(value);
                      }
                      const auto part = ml::cycle_features(values);
                      auto& features = cycles.features[row++];
                      features.insert(features.end(), part.begin(), part.end());
                      return {};
                    }));
  if (row == cycles.size()) return {};
  return invalid_argument("sensor " + std::string(sensor) + " has " + std::to_string(row) +
                          " cycles, profile.txt has " + std::to_string(cycles.size()));
}

Result<Cycles> read_cycles(const std::filesystem::path& folder) {
  Cycles cycles;
  MW_TRY(read_lines(table_in(folder, "profile.txt"),
                    [&](std::size_t, std::string_view line) -> Result<> {
                      const auto cells = split_blanks(line);
                      std::array<double, 5> profile{};
                      if (cells.size() < profile.size())
                        return invalid_argument("a row needs five columns");
                      for (std::size_t i = 0; i < profile.size(); ++i) {
                        MW_ASSIGN(profile[i], to_number("profile", cells[i]));
                      }
                      cycles.profile.push_back(profile);
                      return {};
                    }));
  MW_TRY(read_lines(table_in(folder, "cycle_index.txt"),
                    [&](std::size_t, std::string_view line) -> Result<> {
                      MW_ASSIGN(const double number, to_number("cycle_index", line));
                      cycles.number.push_back(static_cast<std::int64_t>(number));
                      return {};
                    }));
  if (cycles.number.size() != cycles.size()) {
    return invalid_argument("cycle_index.txt and profile.txt have different numbers of rows");
  }
  cycles.features.resize(cycles.size());
  for (const char* sensor : kSensors) MW_TRY(read_sensor(folder, sensor, cycles));
  return cycles;
}

struct Parts {
  std::vector<std::size_t> train;
  std::vector<std::size_t> test;
};

/// Runs of cycles that follow each other with one profile: the last 30 % of each are tested, and
/// one cycle lies between, within a run and to the next. Runs that leave nothing for one side only
/// train.
Parts split_runs(const Cycles& cycles) {
  Parts parts;
  for (std::size_t begin = 0; begin < cycles.size();) {
    std::size_t end = begin + 1;
    while (end < cycles.size() && cycles.profile[end] == cycles.profile[begin] &&
           cycles.number[end] == cycles.number[end - 1] + 1) {
      ++end;
    }
    const ml::TimeSplit split = ml::split_in_time({begin, end}, 0.7, 1);
    const bool is_split = split.test.size() > 0 && split.train.size() > 0;
    const ml::Range train = is_split ? split.train : ml::Range{begin, end};
    for (std::size_t i = train.begin; i < train.end; ++i) parts.train.push_back(i);
    for (std::size_t i = split.test.begin; is_split && i < split.test.end; ++i) {
      parts.test.push_back(i);
    }
    begin = end;
  }
  parts.train = ml::keep_apart(parts.train, parts.test, cycles.number);
  return parts;
}

/// Blocks of the experiment's cycles; every third of those in the folder is tested, and one cycle
/// lies between.
Parts split_blocks(const Cycles& cycles) {
  std::set<std::int64_t> blocks;
  for (const std::int64_t number : cycles.number) {
    blocks.insert(number / static_cast<std::int64_t>(kBlock));
  }
  Parts parts;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    const auto block = blocks.find(cycles.number[i] / static_cast<std::int64_t>(kBlock));
    const auto place = std::distance(blocks.begin(), block);
    (place % 3 == 2 ? parts.test : parts.train).push_back(i);
  }
  parts.train = ml::keep_apart(parts.train, parts.test, cycles.number);
  return parts;
}

/// The conditions of a part in both folders, in order: their places are the classes.
std::vector<double> conditions(std::initializer_list<const Cycles*> all, std::size_t part) {
  std::set<double> found;
  for (const Cycles* cycles : all) {
    for (const auto& profile : cycles->profile) found.insert(profile[part]);
  }
  return {found.begin(), found.end()};
}

ml::LabelledRows rows_of(const Cycles& cycles, const std::vector<std::size_t>& which,
                         std::size_t part, const std::vector<double>& classes) {
  ml::LabelledRows rows;
  for (const std::size_t i : which) {
    const auto label = std::lower_bound(classes.begin(), classes.end(), cycles.profile[i][part]);
    rows.add(cycles.features[i], static_cast<std::size_t>(label - classes.begin()));
  }
  return rows;
}

/// What always saying the most frequent condition of the training part would score.
double majority_f1(const ml::LabelledRows& train, const ml::LabelledRows& test,
                   std::size_t classes) {
  std::vector<std::size_t> count(classes);
  for (const float label : train.labels) ++count[static_cast<std::size_t>(label)];
  const auto most =
      static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin());
  ml::Confusion confusion(classes);
  for (const float label : test.labels) confusion.add(static_cast<std::size_t>(label), most);
  return confusion.macro_f1();
}

Result<SeedScore> score(const Cycles& trained, const std::vector<std::size_t>& train,
                        const Cycles& tested, const std::vector<std::size_t>& test,
                        std::uint32_t seed) {
  SeedScore out;
  out.n = test.size();
  for (std::size_t part = 0; part < kParts.size(); ++part) {
    const auto classes = conditions({&trained, &tested}, part);
    if (classes.size() < 2) continue;  // nothing to tell apart
    const ml::LabelledRows train_rows = rows_of(trained, train, part, classes);
    const ml::LabelledRows test_rows = rows_of(tested, test, part, classes);
    MW_ASSIGN(const ml::Confusion confusion, judge(train_rows, test_rows, classes.size(), seed));
    const std::string key = std::string("macro_f1_") + kParts[part];
    out.metrics[key] = confusion.macro_f1();
    out.baseline[key] = majority_f1(train_rows, test_rows, classes.size());
  }
  return out;
}

std::vector<std::size_t> all_of(const Cycles& cycles) {
  std::vector<std::size_t> all(cycles.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

}  // namespace

Result<EvaluationReport> evaluate_hydraulic_zema(const EvaluateOptions& options) {
  MW_ASSIGN(const Cycles cycles, read_cycles(options.data));
  EvaluationReport report{"hydraulic_zema", {}};
  const auto add = [&](const char* name, const char* split, const Cycles& trained,
                       const Parts& parts) -> Result<> {
    MW_ASSIGN(ProtocolResult result, over_five_seeds(options, name, split, [&](std::uint32_t seed) {
                return score(trained, parts.train, cycles, parts.test, seed);
              }));
    report.protocols.push_back(std::move(result));
    return {};
  };
  if (!options.train.empty()) {
    MW_ASSIGN(const Cycles trained, read_cycles(options.train));
    MW_TRY(add("train_folder", "all of the train folder trains, all of the data folder is tested",
               trained, {all_of(trained), all_of(cycles)}));
    return report;
  }
  MW_TRY(add("run", "the last 30 % of each run of equal profile test, one cycle between", cycles,
             split_runs(cycles)));
  MW_TRY(add("blocks", "blocks of 49 cycles, every third tests, one cycle between", cycles,
             split_blocks(cycles)));
  return report;
}

}  // namespace millwright

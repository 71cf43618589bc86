#include "apps/millwright/commands/features_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/millwright/commands/table_file.h"
#include "base/text.h"
#include "ml/features/feature_ranking.h"

namespace millwright {
namespace {

/// Cells as they stand in the file, column by column.
struct TextTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;
};

Result<TextTable> read_table(const std::filesystem::path& path) {
  TextTable table;
  MW_TRY(read_lines(path, [&](std::size_t number, std::string_view line) -> Result<> {
    const auto cells = split_commas(line);
    if (number == 1) {
      table.names.assign(cells.begin(), cells.end());
      table.columns.resize(cells.size());
      return {};
    }
    if (cells.size() != table.names.size()) {
      return invalid_argument("the row has " + std::to_string(cells.size()) +
                              " cells, the header " + std::to_string(table.names.size()));
    }
    for (std::size_t c = 0; c < cells.size(); ++c) table.columns[c].emplace_back(cells[c]);
    return {};
  }));
  return table;
}

Result<std::vector<double>> numbers_of(const std::string& name,
                                       const std::vector<std::string>& cells) {
  std::vector<double> values;
  for (const std::string& cell : cells) {
    MW_ASSIGN(const double value, to_number(name, cell));
    values.push_back(value);
  }
  return values;
}

/// Words by their place in the alphabet.
std::vector<double> classes_of(const std::vector<std::string>& cells) {
  std::map<std::string, double> places;
  for (const std::string& cell : cells) places[cell] = 0.0;
  double next = 0.0;
  for (auto& [word, place] : places) place = next++;
  std::vector<double> values;
  for (const std::string& cell : cells) values.push_back(places[cell]);
  return values;
}

Result<ml::FeatureRanking> rank(const FeaturesOptions& options) {
  MW_ASSIGN(const TextTable table, read_table(options.data));
  const auto found = std::find(table.names.begin(), table.names.end(), options.target);
  if (found == table.names.end()) {
    return invalid_argument(quote(options.data.string()) + " has no column " +
                            quote(options.target) + ": --target names one of its header");
  }
  const auto target_at = static_cast<std::size_t>(found - table.names.begin());
  const auto numbers = numbers_of(options.target, table.columns[target_at]);
  const std::vector<double> target = numbers ? *numbers : classes_of(table.columns[target_at]);
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    if (c == target_at) continue;
    auto values = numbers_of(table.names[c], table.columns[c]);
    if (!values) {
      std::cerr << "left out: " << values.error().message << '\n';
      continue;
    }
    names.push_back(table.names[c]);
    columns.push_back(std::move(values).value());
  }
  return ml::rank_features(names, columns, target);
}

std::string to_json(const ml::FeatureRanking& ranking) {
  nlohmann::json features = nlohmann::json::array();
  for (const ml::RankedFeature& f : ranking.features) {
    features.push_back({{"name", f.name},
                        {"information_bits", f.information_bits},
                        {"correlation", f.correlation},
                        {"loadings", f.loadings}});
  }
  return nlohmann::json({{"target_bits", ranking.target_bits},
                         {"explained_shares", ranking.explained_shares},
                         {"features", std::move(features)}})
      .dump();
}

void print(const ml::FeatureRanking& ranking) {
  std::printf("information of at most %.2f bits; components explain", ranking.target_bits);
  for (const double share : ranking.explained_shares) std::printf(" %.0f %%", 100.0 * share);
  std::printf("\n%-32s %12s %12s  loadings\n", "column", "bits", "rank corr.");
  for (const ml::RankedFeature& f : ranking.features) {
    std::printf("%-32s %12.3f %12.3f ", f.name.c_str(), f.information_bits, f.correlation);
    for (const double loading : f.loadings) std::printf(" %6.2f", loading);
    std::printf("\n");
  }
}

}  // namespace

int features_rank_command(const FeaturesOptions& options) {
  const auto ranking = rank(options);
  if (!ranking) {
    std::cerr << "millwright features rank: " << ranking.error().message << '\n';
    return 1;
  }
  if (options.json) {
    std::cout << to_json(*ranking) << '\n';
  } else {
    print(*ranking);
  }
  return 0;
}

}  // namespace millwright

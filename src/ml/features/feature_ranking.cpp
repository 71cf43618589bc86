#include "ml/features/feature_ranking.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace millwright::ml {
namespace {

constexpr std::size_t kFewestRows = 20;
constexpr std::size_t kMostClasses = 12;  // distinct values of a target that is a class
constexpr std::size_t kMostBins = 16;
constexpr double kRowsACell = 5.0;  // of two columns together, on average
constexpr Eigen::Index kComponents = 3;

std::vector<std::size_t> order_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// Ranks from 0; equal values share the middle of their places.
std::vector<double> ranks_of(std::span<const double> values) {
  const std::vector<std::size_t> order = order_of(values);
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double middle = 0.5 * static_cast<double>(begin + end - 1);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = middle;
    begin = end;
  }
  return ranks;
}

bool is_class(std::span<const double> target) {
  std::set<double> distinct;
  for (const double value : target) {
    distinct.insert(value);
    if (distinct.size() > kMostClasses) return false;
  }
  return true;
}

/// Equal values fall into one bin, so there may be fewer bins than asked for.
std::vector<std::size_t> bins_of(std::span<const double> values, std::size_t bins) {
  const std::vector<double> ranks = ranks_of(values);
  std::vector<std::size_t> out;
  for (const double rank : ranks) {
    out.push_back(static_cast<std::size_t>(rank * static_cast<double>(bins) /
                                           static_cast<double>(values.size())));
  }
  return out;
}

std::vector<std::size_t> classes_of(std::span<const double> values) {
  const std::set<double> distinct(values.begin(), values.end());
  std::vector<std::size_t> out;
  for (const double value : values) {
    out.push_back(static_cast<std::size_t>(std::distance(distinct.begin(), distinct.find(value))));
  }
  return out;
}

/// Entropy in bits with Miller's correction, (occupied cells - 1) / 2n nats.
template <typename Key>
double entropy(const std::map<Key, double>& counts, double n) {
  double bits = 0.0;
  for (const auto& [key, count] : counts) bits -= count / n * std::log2(count / n);
  return bits + (static_cast<double>(counts.size()) - 1.0) / (2.0 * n) / std::log(2.0);
}

double entropy(std::span<const std::size_t> bins) {
  std::map<std::size_t, double> counts;
  for (const std::size_t bin : bins) counts[bin] += 1.0;
  return entropy(counts, static_cast<double>(bins.size()));
}

double information(std::span<const std::size_t> a, std::span<const std::size_t> b) {
  std::map<std::pair<std::size_t, std::size_t>, double> counts;
  for (std::size_t i = 0; i < a.size(); ++i) counts[{a[i], b[i]}] += 1.0;
  const double joint = entropy(counts, static_cast<double>(a.size()));
  return std::max(0.0, entropy(a) + entropy(b) - joint);
}

double pearson(std::span<const double> a, std::span<const double> b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

Result<> check(std::span<const std::string> names, std::span<const std::vector<double>> columns,
               std::span<const double> target) {
  if (names.empty() || names.size() != columns.size()) {
    return invalid_argument("ranking needs a name for each of one or more columns");
  }
  if (target.size() < kFewestRows) {
    return invalid_argument("ranking needs 20 rows or more, got " + std::to_string(target.size()));
  }
  const auto is_finite = [](double value) { return std::isfinite(value); };
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].size() == target.size() &&
        std::all_of(columns[c].begin(), columns[c].end(), is_finite)) {
      continue;
    }
    return invalid_argument("column " + names[c] +
                            " has another length than the target, or a value that is no number");
  }
  if (!std::all_of(target.begin(), target.end(), is_finite)) {
    return invalid_argument("the target has a value that is no number: leave such rows out");
  }
  if (std::all_of(target.begin(), target.end(), [&](double v) { return v == target[0]; })) {
    return invalid_argument("the target is the same in all rows: nothing can tell about it");
  }
  return {};
}

/// Loadings shape (columns, components) and shares of the variance.
void add_components(std::span<const std::vector<double>> columns, FeatureRanking& ranking) {
  const auto n = static_cast<Eigen::Index>(columns.size());
  const auto rows = static_cast<Eigen::Index>(columns[0].size());
  Eigen::MatrixXd table(rows, n);
  for (Eigen::Index c = 0; c < n; ++c) {
    Eigen::VectorXd column =
        Eigen::Map<const Eigen::VectorXd>(columns[static_cast<std::size_t>(c)].data(), rows);
    column.array() -= column.mean();
    const double deviation = std::sqrt(column.squaredNorm() / static_cast<double>(rows));
    table.col(c) = deviation > 0.0 ? Eigen::VectorXd(column / deviation) : column;
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(table.transpose() * table);
  const double all = std::max(solver.eigenvalues().sum(), 1e-300);
  for (Eigen::Index k = 0; k < std::min(kComponents, n); ++k) {
    const Eigen::Index at = n - 1 - k;
    ranking.explained_shares.push_back(std::max(0.0, solver.eigenvalues()[at]) / all);
    for (Eigen::Index c = 0; c < n; ++c) {
      ranking.features[static_cast<std::size_t>(c)].loadings.push_back(
          solver.eigenvectors()(c, at));
    }
  }
}

}  // namespace

Result<FeatureRanking> rank_features(std::span<const std::string> names,
                                     std::span<const std::vector<double>> columns,
                                     std::span<const double> target) {
  MW_TRY(check(names, columns, target));
  const double n = static_cast<double>(target.size());
  const auto bins =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::sqrt(n / kRowsACell)), 2, kMostBins);
  const auto target_bins = is_class(target) ? classes_of(target) : bins_of(target, bins);
  const std::vector<double> target_ranks = ranks_of(target);
  FeatureRanking ranking;
  ranking.target_bits = entropy(target_bins);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ranking.features.push_back({names[c],
                                information(bins_of(columns[c], bins), target_bins),
                                pearson(ranks_of(columns[c]), target_ranks),
                                {}});
  }
  add_components(columns, ranking);
  std::stable_sort(
      ranking.features.begin(), ranking.features.end(),
      [](const auto& a, const auto& b) { return a.information_bits > b.information_bits; });
  return ranking;
}

}  // namespace millwright::ml

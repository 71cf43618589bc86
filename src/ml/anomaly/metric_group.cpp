#include "ml/anomaly/metric_group.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace millwright::ml {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kRowsAColumn = 10;
constexpr double kFlat = 1e-9;         // scatter of a metric that stood still while learning
constexpr double kWorthNaming = 0.25;  // of the largest contribution
constexpr double kLeastShare = 1e-6;   // of a component's variance: keeps the inverse finite

double quantile(std::vector<double> values, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

/// The inverse of a covariance; directions without scatter count as having very little.
Eigen::MatrixXd inverse_of(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const Eigen::VectorXd variance = solver.eigenvalues().cwiseMax(kLeastShare);
  return solver.eigenvectors() * variance.cwiseInverse().asDiagonal() *
         solver.eigenvectors().transpose();
}

}  // namespace

struct MetricGroup::Parts {
  GroupOptions options;
  Eigen::VectorXd level, scatter;  // of the rows
  Eigen::VectorXd usual;           // of the smoothed, scaled rows
  Eigen::MatrixXd precision;       // of the smoothed, scaled rows
  double limit = 1.0;
  Eigen::VectorXd smoothed;

  void smooth(const Eigen::VectorXd& row) {
    const Eigen::VectorXd scaled = (row - level).cwiseQuotient(scatter);
    smoothed += options.smoothing * (scaled - smoothed);
  }
};

MetricGroup::MetricGroup(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
MetricGroup::MetricGroup(MetricGroup&&) noexcept = default;
MetricGroup& MetricGroup::operator=(MetricGroup&&) noexcept = default;
MetricGroup::~MetricGroup() = default;

Result<MetricGroup> MetricGroup::learn(std::span<const double> values, std::size_t columns,
                                       GroupOptions options) {
  const std::size_t n = columns > 0 ? values.size() / columns : 0;
  if (n < kRowsAColumn * columns || n == 0 || n * columns != values.size()) {
    return invalid_argument("a group of " + std::to_string(columns) + " metrics learns from " +
                            std::to_string(kRowsAColumn * columns) + " rows or more, got " +
                            std::to_string(n));
  }
  if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
    return invalid_argument("a row to learn from has a value that is no number; leave it out");
  }
  const auto rows = Eigen::Map<const Rows>(values.data(), static_cast<Eigen::Index>(n),
                                           static_cast<Eigen::Index>(columns));
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->level = rows.colwise().mean();
  const auto centred = rows.rowwise() - parts->level.transpose();
  parts->scatter =
      (centred.colwise().squaredNorm() / static_cast<double>(n)).cwiseSqrt().cwiseMax(kFlat);
  parts->smoothed = (rows.row(0).transpose() - parts->level).cwiseQuotient(parts->scatter);
  Rows smoothed(rows.rows(), rows.cols());
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    parts->smooth(rows.row(i));
    smoothed.row(i) = parts->smoothed;
  }
  parts->usual = smoothed.colwise().mean();
  const Rows away = smoothed.rowwise() - parts->usual.transpose();
  parts->precision = inverse_of(away.transpose() * away / static_cast<double>(n - 1));
  std::vector<double> distances;
  for (Eigen::Index i = 0; i < away.rows(); ++i) {
    distances.push_back(away.row(i).dot(parts->precision * away.row(i).transpose()));
  }
  parts->limit = std::max(kFlat, quantile(std::move(distances), options.learnt_quantile)) *
                 options.limit_factor;
  return MetricGroup(std::move(parts));
}

std::optional<GroupScore> MetricGroup::update(std::span<const double> row) {
  const auto columns = parts_->level.size();
  const bool is_whole =
      static_cast<Eigen::Index>(row.size()) == columns &&
      std::all_of(row.begin(), row.end(), [](double value) { return std::isfinite(value); });
  if (!is_whole) return std::nullopt;
  parts_->smooth(Eigen::Map<const Eigen::VectorXd>(row.data(), columns));
  const Eigen::VectorXd away = parts_->smoothed - parts_->usual;
  // Given the others a metric has the variance 1 / precision(i, i).
  const Eigen::VectorXd pull = parts_->precision * away;
  const Eigen::VectorXd deviations = pull.cwiseQuotient(parts_->precision.diagonal().cwiseSqrt());
  const Eigen::VectorXd contributions = deviations.cwiseAbs2() / parts_->limit;
  return GroupScore{away.dot(pull) / parts_->limit,
                    {contributions.data(), contributions.data() + columns},
                    {deviations.data(), deviations.data() + columns}};
}

std::string MetricGroup::reason(const GroupScore& score, std::span<const std::string> names) {
  std::vector<std::size_t> order(score.contributions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return score.contributions[a] > score.contributions[b];
  });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, order.size()); ++i) {
    const std::size_t metric = order[i];
    if (i > 0 && score.contributions[metric] < kWorthNaming * score.contributions[order[0]]) break;
    std::array<char, 32> amount{};
    std::snprintf(amount.data(), amount.size(), " %.1f σ ", std::abs(score.deviations[metric]));
    text += (i > 0 ? ", " : "") + names[metric] + amount.data() +
            (score.deviations[metric] < 0 ? "below" : "above") +
            (i > 0 ? "" : " what the other metrics explain");
  }
  return text;
}

}  // namespace millwright::ml

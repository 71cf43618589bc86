#include "ml/rul/health_indicators.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace millwright::ml {
namespace {

constexpr std::size_t kComponents = 3;
constexpr double kRidge = 10.0;  // rows of unit variance: two equal sensors share the weight
constexpr double kSmallest = 1e-9;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Rows> rows_of(std::span<const double> values, std::size_t columns) {
  return {values.data(), static_cast<Eigen::Index>(values.size() / columns),
          static_cast<Eigen::Index>(columns)};
}

}  // namespace

HealthIndicators HealthIndicators::fit(std::span<const double> raw,
                                       std::span<const double> smoothed,
                                       std::span<const float> labels, std::size_t sensors) {
  const Rows x = rows_of(raw, sensors).rowwise() - rows_of(raw, sensors).colwise().mean();
  const Eigen::VectorXd y =
      Eigen::Map<const Eigen::VectorXf>(labels.data(), static_cast<Eigen::Index>(labels.size()))
          .cast<double>();
  Eigen::MatrixXd gram = x.transpose() * x;
  gram.diagonal().array() += kRidge;
  std::vector<Eigen::VectorXd> found = {gram.ldlt().solve(x.transpose() * y)};

  const auto smooth = rows_of(smoothed, sensors);
  const Rows centred = smooth.rowwise() - smooth.colwise().mean();
  const Eigen::MatrixXd covariance =
      centred.transpose() * centred / static_cast<double>(centred.rows());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);  // ascending
  for (std::size_t k = 0; k < std::min(kComponents, sensors); ++k) {
    found.emplace_back(solver.eigenvectors().col(static_cast<Eigen::Index>(sensors - 1 - k)));
  }
  HealthIndicators out;
  for (const Eigen::VectorXd& direction : found) {
    const double variance = direction.dot(covariance * direction);
    const Eigen::VectorXd scaled = direction / std::max(std::sqrt(variance), kSmallest);
    out.weights_.emplace_back(scaled.begin(), scaled.end());
  }
  return out;
}

double HealthIndicators::value(std::size_t indicator, std::span<const double> z) const {
  return std::inner_product(z.begin(), z.end(), weights_[indicator].begin(), 0.0);
}

Result<HealthIndicators> HealthIndicators::from_json(const nlohmann::json& json,
                                                     std::size_t sensors) {
  HealthIndicators out;
  try {
    out.weights_ = json.get<std::vector<std::vector<double>>>();
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument,
                 "RUL model lacks its health indicators: train it again", e.what()};
  }
  const auto is_good = [&](const std::vector<double>& weights) {
    return weights.size() == sensors &&
           std::all_of(weights.begin(), weights.end(), [](double w) { return std::isfinite(w); });
  };
  if (out.count() == 0 || out.count() > kComponents + 1 ||
      !std::all_of(out.weights_.begin(), out.weights_.end(), is_good)) {
    return invalid_argument("RUL model has health indicators of a wrong shape: train it again");
  }
  return out;
}

}  // namespace millwright::ml

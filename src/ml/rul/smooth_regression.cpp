#include "ml/rul/smooth_regression.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kWaves = 400;
constexpr double kRidge = 1.0;
constexpr double kSmallest = 1e-6;
constexpr Eigen::Index kBlock = 256;  // rows at a time, so that they stay in the cache

}  // namespace

struct SmoothRegression::Parts {
  std::uint32_t seed = 1;
  Eigen::VectorXd mean, deviation;  // shape (columns,)
  Eigen::MatrixXd frequencies;      // shape (kWaves, columns)
  Eigen::VectorXd phases;           // shape (kWaves,)
  Eigen::VectorXd coefficients;     // shape (kWaves + columns + 1,)

  /// Two rows of `columns` standardised features are about sqrt(2 columns) apart; waves of a
  /// little more than that length reach from one to the other without wiggling between.
  void draw_waves() {
    const Eigen::Index columns = mean.size();
    signal::RandomSource random(seed);
    const double scale = 1.0 / std::sqrt(3.0 * static_cast<double>(columns));
    frequencies.resize(kWaves, columns);
    for (double& value : frequencies.reshaped()) value = scale * random.normal();
    phases.resize(kWaves);
    for (double& value : phases) value = random.uniform(0.0, 2.0 * std::numbers::pi);
  }
  Eigen::VectorXd design(std::span<const float> row) const {
    const Eigen::Index columns = mean.size();
    const Eigen::VectorXd z =
        (Eigen::Map<const Eigen::VectorXf>(row.data(), columns).cast<double>() - mean)
            .cwiseQuotient(deviation);
    Eigen::VectorXd out(static_cast<Eigen::Index>(kWaves) + columns + 1);
    out << (frequencies * z + phases).array().cos().matrix(), z, 1.0;
    return out;
  }
};

SmoothRegression::SmoothRegression(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SmoothRegression::SmoothRegression(SmoothRegression&&) noexcept = default;
SmoothRegression& SmoothRegression::operator=(SmoothRegression&&) noexcept = default;
SmoothRegression::~SmoothRegression() = default;

SmoothRegression SmoothRegression::train(std::span<const float> rows, std::size_t columns,
                                         std::span<const float> labels,
                                         std::span<const float> weights, std::uint32_t seed) {
  const auto n = static_cast<Eigen::Index>(labels.size());
  const auto width = static_cast<Eigen::Index>(columns);
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> x(rows.data(), n, width);
  auto parts = std::make_unique<Parts>();
  parts->seed = seed;
  parts->mean = x.cast<double>().colwise().mean().transpose();
  parts->deviation = ((x.cast<double>().rowwise() - parts->mean.transpose())
                          .array()
                          .square()
                          .colwise()
                          .mean()
                          .sqrt()
                          .max(kSmallest))
                         .transpose();
  parts->draw_waves();
  const Eigen::Index size = static_cast<Eigen::Index>(kWaves) + width + 1;
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd target = Eigen::VectorXd::Zero(size);
  for (Eigen::Index begin = 0; begin < n; begin += kBlock) {
    Eigen::MatrixXd block(size, std::min(kBlock, n - begin));
    for (Eigen::Index i = 0; i < block.cols(); ++i) {
      const auto at = static_cast<std::size_t>(begin + i);
      const double root = std::sqrt(static_cast<double>(weights[at]));
      block.col(i) = root * parts->design(rows.subspan(at * columns, columns));
      target += root * labels[at] * block.col(i);
    }
    gram.selfadjointView<Eigen::Lower>().rankUpdate(block);
  }
  gram.diagonal().array() += kRidge;
  parts->coefficients = gram.selfadjointView<Eigen::Lower>().ldlt().solve(target);
  return SmoothRegression(std::move(parts));
}

double SmoothRegression::predict(std::span<const float> row) const {
  return parts_->design(row).dot(parts_->coefficients);
}

nlohmann::json SmoothRegression::to_json() const {
  const auto list = [](const Eigen::VectorXd& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  return {{"seed", parts_->seed},
          {"mean", list(parts_->mean)},
          {"deviation", list(parts_->deviation)},
          {"coefficients", list(parts_->coefficients)}};
}

Result<SmoothRegression> SmoothRegression::from_json(const nlohmann::json& json,
                                                     std::size_t columns) {
  auto parts = std::make_unique<Parts>();
  try {
    parts->seed = json.at("seed").get<std::uint32_t>();
    for (const auto& [name, size, vector] :
         {std::tuple("mean", columns, &parts->mean),
          std::tuple("deviation", columns, &parts->deviation),
          std::tuple("coefficients", kWaves + columns + 1, &parts->coefficients)}) {
      const auto values = json.at(name).get<std::vector<double>>();
      *vector = Eigen::Map<const Eigen::VectorXd>(values.data(),
                                                  static_cast<Eigen::Index>(values.size()));
      if (values.size() != size || !vector->allFinite()) {
        return invalid_argument("RUL model has a smooth part of a wrong shape: train it again");
      }
    }
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument, "RUL model lacks its smooth part: train it again",
                 e.what()};
  }
  if (parts->deviation.minCoeff() <= 0.0) {
    return invalid_argument("RUL model has deviations that are not positive: train it again");
  }
  parts->draw_waves();
  return SmoothRegression(std::move(parts));
}

}  // namespace millwright::ml

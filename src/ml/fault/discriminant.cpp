#include "ml/fault/discriminant.h"

#include <Eigen/Dense>

namespace millwright::ml {
namespace {

constexpr double kRidge = 1e-3;  // of unit variance: a feature without scatter decides nothing

Eigen::VectorXd vector_of(std::span<const float> row) {
  return Eigen::Map<const Eigen::VectorXf>(row.data(), static_cast<Eigen::Index>(row.size()))
      .cast<double>();
}

}  // namespace

struct Discriminant::Parts {
  Eigen::MatrixXd means;      // shape (columns, classes)
  Eigen::MatrixXd precision;  // shape (columns, columns)
};

Discriminant::Discriminant(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Discriminant::Discriminant(Discriminant&&) noexcept = default;
Discriminant& Discriminant::operator=(Discriminant&&) noexcept = default;
Discriminant::~Discriminant() = default;

Result<Discriminant> Discriminant::train(const LabelledRows& rows, std::size_t classes) {
  const auto columns = static_cast<Eigen::Index>(rows.columns());
  auto parts = std::make_unique<Parts>();
  parts->means = Eigen::MatrixXd::Zero(columns, static_cast<Eigen::Index>(classes));
  std::vector<double> count(classes, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto label = static_cast<std::size_t>(rows.labels[i]);
    parts->means.col(static_cast<Eigen::Index>(label)) += vector_of(rows.row(i));
    count[label] += 1.0;
  }
  for (std::size_t c = 0; c < classes; ++c) {
    if (count[c] < 2.0) {
      return invalid_argument("class " + std::to_string(c) + " has " +
                              std::to_string(static_cast<int>(count[c])) +
                              " rows to train on; give two or more of each");
    }
    parts->means.col(static_cast<Eigen::Index>(c)) /= count[c];
  }
  Eigen::MatrixXd scatter = Eigen::MatrixXd::Zero(columns, columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto label = static_cast<Eigen::Index>(rows.labels[i]);
    const Eigen::VectorXd away = vector_of(rows.row(i)) - parts->means.col(label);
    scatter += away * away.transpose();
  }
  scatter /= static_cast<double>(rows.size() - classes);
  scatter.diagonal().array() += kRidge;
  parts->precision = scatter.inverse();
  return Discriminant(std::move(parts));
}

std::vector<float> Discriminant::scores(const LabelledRows& rows) const {
  std::vector<float> out;
  out.reserve(rows.size() * static_cast<std::size_t>(parts_->means.cols()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Eigen::VectorXd row = vector_of(rows.row(i));
    for (Eigen::Index c = 0; c < parts_->means.cols(); ++c) {
      const Eigen::VectorXd away = row - parts_->means.col(c);
      out.push_back(static_cast<float>(-0.5 * away.dot(parts_->precision * away)));
    }
  }
  return out;
}

}  // namespace millwright::ml

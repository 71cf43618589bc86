#include "ml/anomaly/relation_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace millwright::ml {
namespace {

constexpr double kMemoryRows = 720.0;
constexpr std::uint64_t kRowsBeforeRelations = 60;
constexpr std::uint64_t kRowsBeforeAlarms = 360;
constexpr std::uint64_t kRelateEvery = 16;
constexpr double kMostUnexplained = 0.03;  // share of the variance
constexpr double kLostUnexplained = 0.12;  // above it a relation is given up
constexpr double kSecondMustHalve = 0.5;   // the remainder, to be worth a second metric
constexpr double kCollinear = 1e-6;
constexpr double kLargerBy = 1.25;
constexpr std::uint32_t kRowsOnEnd = 8;
constexpr double kForgettingRows = 1440.0;  // the largest remainder falls to 1/e
constexpr double kFirstLargest = 3.0;       // standard deviations, when a relation is found
constexpr std::uint32_t kCalmRows = 10;
constexpr std::uint64_t kNewNormalRows = 1024;

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3g", value);
  return buffer.data();
}

}  // namespace

Result<RelationDetector> RelationDetector::create(std::vector<std::string> names) {
  if (names.size() < 2 || names.size() > kMostColumns) {
    return invalid_argument("relations are watched between 2 to 16 metrics, not " +
                            std::to_string(names.size()));
  }
  return RelationDetector(std::move(names));
}

RelationDetector::RelationDetector(std::vector<std::string> names)
    : names_(std::move(names)), is_logarithm_(names_.size(), true), x_(names_.size()) {
  restart();
}

void RelationDetector::restart() {
  mean_.assign(columns(), 0.0);
  covariance_.assign(columns() * columns(), 0.0);
  relations_.assign(columns(), {});
  rows_ = 0;
  opened_.reset();
}

std::optional<RelationChange> RelationDetector::update(std::int64_t t_us,
                                                       std::span<const double> row) {
  const bool is_good =
      row.size() == columns() && (rows_ == 0 || t_us > last_us_) &&
      std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); });
  if (!is_good) return std::nullopt;
  last_us_ = t_us;
  if (!transform(row)) restart();
  judge_row();
  auto change = opened_ ? follow(t_us) : open(t_us);
  if (!opened_ && !is_suspicious()) learn_row();
  ++rows_;
  if (!opened_ && rows_ >= kRowsBeforeRelations && rows_ % kRelateEvery == 0) relate();
  return change;
}

bool RelationDetector::transform(std::span<const double> row) {
  bool as_before = true;
  for (std::size_t c = 0; c < columns(); ++c) {
    if (is_logarithm_[c] && row[c] <= 0.0) {
      is_logarithm_[c] = false;
      as_before = false;
    }
  }
  for (std::size_t c = 0; c < columns(); ++c) x_[c] = is_logarithm_[c] ? std::log(row[c]) : row[c];
  return as_before;
}

void RelationDetector::judge_row() {
  for (std::size_t c = 0; c < columns(); ++c) {
    Relation& r = relations_[c];
    if (!r.is_used) continue;
    r.remainder = x_[c] - mean_[c] - r.first_factor * (x_[r.first] - mean_[r.first]) -
                  r.second_factor * (x_[r.second] - mean_[r.second]);
    const bool is_far = rows_ >= kRowsBeforeAlarms && std::abs(r.remainder) > kLargerBy * r.largest;
    r.far = is_far ? r.far + 1 : 0;
  }
}

bool RelationDetector::is_suspicious() const {
  return std::any_of(relations_.begin(), relations_.end(),
                     [](const Relation& r) { return r.far > 0; });
}

void RelationDetector::learn_row() {
  for (Relation& r : relations_) {
    if (r.is_used) {
      r.largest = std::max(r.largest * std::exp(-1.0 / kForgettingRows), std::abs(r.remainder));
    }
  }
  const double weight = std::max(1.0 / kMemoryRows, 1.0 / static_cast<double>(rows_ + 1));
  std::array<double, kMostColumns> away{};
  for (std::size_t c = 0; c < columns(); ++c) away[c] = x_[c] - mean_[c];
  for (std::size_t a = 0; a < columns(); ++a) {
    mean_[a] += weight * away[a];
    for (std::size_t b = 0; b < columns(); ++b) {
      double& cell = covariance_[a * columns() + b];
      cell = (1.0 - weight) * (cell + weight * away[a] * away[b]);
    }
  }
}

void RelationDetector::relate() {
  for (std::size_t c = 0; c < columns(); ++c) {
    Relation& r = relations_[c];
    const auto fit = best_fit(c);
    if (!fit || fit->unexplained > kLostUnexplained) {
      r.is_used = false;
      r.far = 0;
      continue;
    }
    if (fit->unexplained > kMostUnexplained) continue;
    r.first = fit->first;
    r.second = fit->second;
    r.first_factor = fit->first_factor;
    r.second_factor = fit->second_factor;
    r.deviation = std::sqrt(std::max(fit->unexplained, 1e-12) * covariance(c, c));
    if (!r.is_used) r.largest = std::max(r.largest, kFirstLargest * r.deviation);
    r.is_used = true;
  }
}

RelationDetector::Fit RelationDetector::with_one(std::size_t column, std::size_t by) const {
  const double factor = covariance(column, by) / covariance(by, by);
  return {by, by, factor, 0.0, 1.0 - factor * covariance(column, by) / covariance(column, column)};
}

std::optional<RelationDetector::Fit> RelationDetector::with_two(std::size_t column, std::size_t by,
                                                                std::size_t also) const {
  const double vb = covariance(by, by), va = covariance(also, also), both = covariance(by, also);
  const double determinant = vb * va - both * both;
  if (determinant < kCollinear * vb * va) return std::nullopt;
  const double cb = covariance(column, by), ca = covariance(column, also);
  const double first = (cb * va - ca * both) / determinant;
  const double second = (ca * vb - cb * both) / determinant;
  return Fit{by, also, first, second,
             1.0 - (first * cb + second * ca) / covariance(column, column)};
}

std::optional<RelationDetector::Fit> RelationDetector::best_fit(std::size_t column) const {
  std::optional<Fit> best;
  if (covariance(column, column) <= 0.0) return best;
  for (std::size_t by = 0; by < columns(); ++by) {
    if (by == column || covariance(by, by) <= 0.0) continue;
    const Fit one = with_one(column, by);
    if (!best || one.unexplained < best->unexplained) best = one;
    for (std::size_t also = 0; also < by; ++also) {
      if (also == column || covariance(also, also) <= 0.0) continue;
      const auto two = with_two(column, by, also);
      if (two && two->unexplained < kSecondMustHalve * best->unexplained) best = two;
    }
  }
  return best;
}

std::optional<RelationChange> RelationDetector::open(std::int64_t t_us) {
  std::optional<std::size_t> worst;
  for (std::size_t c = 0; c < columns(); ++c) {
    const Relation& r = relations_[c];
    if (r.far < kRowsOnEnd) continue;
    const auto excess = [&](std::size_t i) {
      return std::abs(relations_[i].remainder) / std::max(relations_[i].largest, 1e-300);
    };
    if (!worst || excess(c) > excess(*worst)) worst = c;
  }
  if (!worst) return std::nullopt;
  const Relation& r = relations_[*worst];
  opened_ =
      RelationChange{true, *worst, t_us, t_us, std::abs(r.remainder) / r.deviation, reason(*worst)};
  calm_ = 0;
  opened_row_ = rows_;
  return opened_;
}

std::optional<RelationChange> RelationDetector::follow(std::int64_t t_us) {
  const bool is_over = rows_ - opened_row_ > kNewNormalRows;
  if (is_suspicious()) {
    calm_ = 0;
    opened_->end_us = t_us;
  }
  if (!is_over && ++calm_ < kCalmRows) return std::nullopt;
  RelationChange change = *opened_;
  change.is_open = false;
  if (is_over) {
    change.reason += "; it has lasted so long that it is taken as the new normal";
    for (Relation& r : relations_) {
      r.largest = std::max(r.largest, std::abs(r.remainder));
      r.far = 0;
    }
  }
  opened_.reset();
  return change;
}

std::string RelationDetector::reason(std::size_t column) const {
  const Relation& r = relations_[column];
  const bool above = r.remainder > 0.0;
  const std::string by =
      names_[r.first] +
      (r.second == r.first ? " explains" : " and " + names_[r.second] + " explain");
  const std::string amount = is_logarithm_[column]
                                 ? shown(100.0 * std::abs(std::expm1(r.remainder))) + " %"
                                 : shown(std::abs(r.remainder));
  return names_[column] + " is " + amount + " (" + shown(std::abs(r.remainder) / r.deviation) +
         " σ) " + (above ? "above" : "below") + " what " + by + ", more than ever before";
}

std::vector<std::size_t> RelationDetector::explained_by(std::size_t column) const {
  const Relation& r = relations_[column];
  if (!r.is_used) return {};
  if (r.first == r.second) return {r.first};
  return {r.first, r.second};
}

}  // namespace millwright::ml

#include "ml/rul/degradation_path.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "signal/random.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr std::size_t kOnEnd = 3;        // points at the limit that are no spike
constexpr std::size_t kBlocks = 128;     // what a path is thinned to
constexpr double kLeastIndependent = 4;  // points, however much the scatter hangs together
constexpr double kMostCorrelation = 0.98;
constexpr double kMostTrust = 20;        // points' worth that shapes are told apart by
constexpr double kLeastScatter = 1e-18;  // of the variance: a path without any has no weights
constexpr std::array kCuts{0.5, 0.6, 0.7, 0.8};  // of the watched span: earlier forecasts
constexpr std::size_t kLeastEarlier = 10;        // blocks before a cut
constexpr double kMostMiss = 1.5;                // of a logarithm: 4.5 times too late or early
constexpr std::size_t kDraws = 2'000;
constexpr double kZ = 1.645;    // 90 % of a normal distribution
constexpr double kTail = 0.05;  // on each side of the interval

/// g(u) = (e^{cu} - 1) / (e^c - 1) with u from 0 at the onset to 1 now; c = 0 is linear.
struct Shape {
  double bend = 0.0;   // c
  double onset = 0.0;  // share of the watched span

  double at(double x) const {
    const double u = std::max(0.0, (x - onset) / (1 - onset));
    return bend == 0 ? u : std::expm1(bend * u) / std::expm1(bend);
  }
  /// Where g reaches a value above 0; infinite for one that it never reaches.
  double inverse(double g) const {
    const double grown = 1 + g * std::expm1(bend);
    const double u = bend == 0 ? g : grown > 0 ? std::log(grown) / bend : kForever;
    return onset + (1 - onset) * u;
  }
};

constexpr std::array<Shape, 24> kShapes{
    {{-4, 0}, {-2, 0},  {-2, .25}, {-2, .5}, {0, 0},   {0, .25}, {0, .5},   {0, .75},
     {1, 0},  {1, .5},  {2, 0},    {2, .25}, {2, .5},  {2, .75}, {4, 0},    {4, .25},
     {4, .5}, {4, .75}, {8, 0},    {8, .5},  {8, .75}, {16, 0},  {0, .875}, {4, .875}}};

struct Path {
  std::vector<double> x;  // 0 ... 1, share of the watched span
  std::vector<double> y;
};

struct Fit {
  Shape shape;
  double base = 0.0, rise = 0.0;                            // a, b
  double var_base = 0.0, var_rise = 0.0, covariance = 0.0;  // in units of the scatter's variance
  double squares = 0.0;                                     // of the residuals
  double weight = 0.0;
};

Result<> check(std::span<const PathPoint> points, double limit) {
  if (!std::isfinite(limit)) return invalid_argument("the limit is not a finite number");
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!std::isfinite(points[i].level) || !std::isfinite(points[i].time_s)) {
      return invalid_argument("point " + std::to_string(i) + " of the path is not finite");
    }
    if (i > 0 && points[i].time_s <= points[i - 1].time_s) {
      return invalid_argument("point " + std::to_string(i) +
                              " of the path is not later than the one before");
    }
  }
  return {};
}

/// What came after the last kOnEnd points on end at the limit.
std::span<const PathPoint> since_repair(std::span<const PathPoint> points, double limit) {
  std::size_t at_limit = 0, begin = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    at_limit = points[i].level >= limit ? at_limit + 1 : 0;
    if (at_limit >= kOnEnd) begin = i + 1;
  }
  return points.subspan(begin);
}

double median_of_last(std::span<const PathPoint> points, std::size_t count) {
  std::vector<double> levels;
  for (const PathPoint& point : points.last(std::min(count, points.size()))) {
    levels.push_back(point.level);
  }
  return signal::median(levels);
}

/// Medians of blocks, the last of which ends with the last point: a spike moves none of them far.
Path thinned(std::span<const PathPoint> points) {
  const std::size_t length = (points.size() + kBlocks - 1) / kBlocks;
  const double start_s = points.front().time_s;
  const double span_s = points.back().time_s - start_s;
  Path path;
  std::vector<double> levels;
  double time_s = 0;
  for (std::size_t i = points.size() % length; i < points.size(); ++i) {
    levels.push_back(points[i].level);
    time_s += points[i].time_s - start_s;
    if (levels.size() < length) continue;
    path.x.push_back(time_s / static_cast<double>(length) / span_s);
    path.y.push_back(signal::median(levels));
    levels.clear();
    time_s = 0;
  }
  return path;
}

bool is_constant(const Path& path) {
  const auto [low, high] = std::minmax_element(path.y.begin(), path.y.end());
  return *high - *low <= 1e-12 * std::max(std::abs(*low), std::abs(*high));
}

/// Nothing where the shape has not begun to move within the path.
std::optional<Fit> fit(const Path& path, const Shape& shape) {
  const auto n = static_cast<double>(path.x.size());
  double sum_g = 0, sum_gg = 0, sum_y = 0, sum_gy = 0;
  std::vector<double> g(path.x.size());
  for (std::size_t i = 0; i < g.size(); ++i) {
    g[i] = shape.at(path.x[i]);
    sum_g += g[i];
    sum_gg += g[i] * g[i];
    sum_y += path.y[i];
    sum_gy += g[i] * path.y[i];
  }
  const double determinant = n * sum_gg - sum_g * sum_g;
  if (!(determinant > 1e-12 * n * sum_gg)) return std::nullopt;
  Fit out;
  out.shape = shape;
  out.rise = (n * sum_gy - sum_g * sum_y) / determinant;
  out.base = (sum_y - out.rise * sum_g) / n;
  out.var_base = sum_gg / determinant;
  out.var_rise = n / determinant;
  out.covariance = -sum_g / determinant;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const double residual = path.y[i] - out.base - out.rise * g[i];
    out.squares += residual * residual;
  }
  const double mean = sum_y / n;
  for (const double y : path.y) out.squares += kLeastScatter * (y - mean) * (y - mean);
  return out;
}

/// Of the residuals around a fit.
double lag_one_correlation(const Path& path, const Fit& fit) {
  double products = 0, squares = 0, before = 0;
  for (std::size_t i = 0; i < path.x.size(); ++i) {
    const double residual = path.y[i] - fit.base - fit.rise * fit.shape.at(path.x[i]);
    if (i > 0) products += residual * before;
    squares += residual * residual;
    before = residual;
  }
  return squares > 0 ? std::clamp(products / squares, 0.0, kMostCorrelation) : 0.0;
}

/// All shapes with their weights, and of how many points the scatter knows.
struct Posterior {
  std::vector<Fit> fits;
  double points = 0.0;
  double independent = 0.0;
};

Posterior posterior_of(const Path& path) {
  Posterior out;
  for (const Shape& shape : kShapes) {
    if (auto fitted = fit(path, shape)) out.fits.push_back(*fitted);
  }
  const auto best =
      std::min_element(out.fits.begin(), out.fits.end(),
                       [](const Fit& a, const Fit& b) { return a.squares < b.squares; });
  out.points = static_cast<double>(path.x.size());
  const double correlation = lag_one_correlation(path, *best);
  out.independent = std::max(kLeastIndependent, out.points * (1 - correlation) / (1 + correlation));
  double sum = 0;
  for (Fit& each : out.fits) {
    each.weight = std::pow(best->squares / each.squares, std::min(kMostTrust, out.independent) / 2);
    sum += each.weight;
  }
  for (Fit& each : out.fits) each.weight /= sum;
  return out;
}

struct Draws {
  std::vector<double> reach;  // shares of the watched span from now, ascending
  std::vector<double> rise;
  double towards = 0.0;  // share that rises
};

/// Chi-squared over its degrees of freedom (Wilson & Hilferty 1931).
double scaled_chi_squared(signal::RandomSource& random, double freedom) {
  const double spread = 2 / (9 * freedom);
  return std::pow(std::max(0.05, 1 - spread + std::sqrt(spread) * random.normal()), 3);
}

Draws draw(const Posterior& posterior, double limit) {
  signal::RandomSource random(1);
  const double freedom = posterior.independent - 2;
  const double fewer = posterior.points / posterior.independent;
  Draws out;
  for (const Fit& fit : posterior.fits) {
    const auto count = static_cast<std::size_t>(std::lround(fit.weight * kDraws));
    const double variance = fit.squares / posterior.points * posterior.independent / freedom;
    for (std::size_t i = 0; i < count; ++i) {
      const double sigma = std::sqrt(variance / scaled_chi_squared(random, freedom));
      const double of_rise = sigma * std::sqrt(fewer * fit.var_rise) * random.normal();
      const double left =
          std::max(0.0, fit.var_base - fit.covariance * fit.covariance / fit.var_rise);
      const double base = fit.base + fit.covariance / fit.var_rise * of_rise +
                          sigma * std::sqrt(fewer * left) * random.normal();
      const double rise = fit.rise + of_rise;
      const double to_go = limit - base - sigma * random.normal();
      out.rise.push_back(rise);
      out.towards += rise > 0 ? 1 : 0;
      out.reach.push_back(rise <= 0    ? kForever
                          : to_go <= 0 ? 0.0
                                       : std::max(0.0, fit.shape.inverse(to_go / rise) - 1));
    }
  }
  out.towards /= static_cast<double>(out.reach.size());
  std::sort(out.reach.begin(), out.reach.end());
  return out;
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// What remains from the end of a path, as the shapes take it together without any scatter.
double point_forecast(const Posterior& posterior, double limit) {
  std::vector<std::pair<double, double>> reach;  // with its weight
  for (const Fit& fit : posterior.fits) {
    const double to_go = limit - fit.base;
    reach.emplace_back(fit.rise <= 0 ? kForever
                       : to_go <= 0  ? 0.0
                                     : std::max(0.0, fit.shape.inverse(to_go / fit.rise) - 1),
                       fit.weight);
  }
  std::sort(reach.begin(), reach.end());
  double sum = 0;
  for (const auto& [at, weight] : reach) {
    sum += weight;
    if (sum >= 0.5) return at;
  }
  return reach.back().first;
}

double level_now(const Posterior& posterior) {
  double level = 0;
  for (const Fit& fit : posterior.fits) level += fit.weight * (fit.base + fit.rise);
  return level;
}

/// What remains if the wear goes on as fast as it has gone on average.
double at_average_rate(const Posterior& posterior, double limit) {
  double rise = 0;
  for (const Fit& fit : posterior.fits) rise += fit.weight * fit.rise;
  const double to_go = std::max(0.0, limit - level_now(posterior));
  return rise > 0 ? to_go / rise : kForever;
}

/// How far forecasts from earlier on this path would have missed the time at which it came to where
/// it is now: root mean square of the logarithm of what came over what was said.
double earlier_misses(const Path& path, double level) {
  double squares = 0, count = 0;
  for (const double cut : kCuts) {
    Path earlier;
    for (std::size_t i = 0; i < path.x.size() && path.x[i] <= cut; ++i) {
      earlier.x.push_back(path.x[i] / cut);
      earlier.y.push_back(path.y[i]);
    }
    if (earlier.x.size() < kLeastEarlier || is_constant(earlier)) continue;
    const double said = point_forecast(posterior_of(earlier), level) * cut;
    const double miss =
        std::clamp(std::log((1 - cut) / std::max(said, 1e-3)), -kMostMiss, kMostMiss);
    squares += miss * miss;
    ++count;
  }
  return count > 0 ? std::sqrt(squares / count) : kMostMiss;
}

}  // namespace

Result<PathForecast> forecast_limit(std::span<const PathPoint> points, double limit) {
  MW_TRY(check(points, limit));
  PathForecast out;
  const auto counted = since_repair(points, limit);
  if (!points.empty()) out.level = median_of_last(points, kOnEnd);
  if (!points.empty() && counted.empty()) {
    out.outlook = PathOutlook::kReached;
    out.points = points.size();
    out.watched_s = points.back().time_s - points.front().time_s;
    return out;
  }
  out.points = counted.size();
  if (!counted.empty()) out.watched_s = counted.back().time_s - counted.front().time_s;
  if (counted.size() < kLeastPathPoints) return out;
  const Path path = thinned(counted);
  out.outlook = PathOutlook::kNoTrend;
  if (is_constant(path)) return out;
  const Posterior posterior = posterior_of(path);
  Draws draws = draw(posterior, limit);
  out.rise = signal::median(draws.rise);
  if (draws.towards < 1 - kTail) return out;
  const double middle = quantile(draws.reach, 0.5);
  const double factor = std::exp(kZ * earlier_misses(path, level_now(posterior)));
  // A path that seems to level off may go on all the same.
  const double lower =
      std::min({quantile(draws.reach, kTail), middle / factor, at_average_rate(posterior, limit)});
  const double upper = std::max(quantile(draws.reach, 1 - kTail), middle * factor);
  out.lower_s = std::min(lower, kPathSight) * out.watched_s;
  out.outlook = PathOutlook::kBeyondSight;
  if (upper > kPathSight) return out;
  out.outlook = PathOutlook::kForeseen;
  out.remaining_s = middle * out.watched_s;
  out.upper_s = upper * out.watched_s;
  return out;
}

}  // namespace millwright::ml

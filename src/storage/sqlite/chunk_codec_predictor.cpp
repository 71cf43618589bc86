#include "storage/sqlite/chunk_codec_predictor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace millwright::chunk {
namespace {

constexpr std::size_t kJudged = 512;
constexpr std::size_t kFewest = 24;  // below, a fit finds what is not there
constexpr std::size_t kQuantileSample = 32;
constexpr double kHopeless = 0.45;   // differences of noise cost half a bit more than the noise
constexpr double kWorthAFit = 0.03;  // bits a number, for a decoder that is slower
// A level often packs without codes, and chance makes a fit look a little better than noise.
constexpr double kWorthLeavingALevel = 0.15;

using Reals = std::array<double, kJudged>;

double real(std::uint64_t n) { return static_cast<double>(static_cast<std::int64_t>(n)); }

/// Pairs to compare, and to swap where the second is less, that sort any kQuantileSample values:
/// the odd-even merge of K. E. Batcher (1968), Sorting networks and their applications. Nothing to
/// guess for the processor, so a third of the time of std::sort.
constexpr auto kNetwork = [] {
  std::array<std::pair<std::uint8_t, std::uint8_t>, 191> pairs;
  std::size_t count = 0;
  for (std::size_t p = 1; p < kQuantileSample; p *= 2) {
    for (std::size_t k = p; k >= 1; k /= 2) {
      for (std::size_t j = k % p; j + k < kQuantileSample; j += 2 * k) {
        for (std::size_t i = j; i < j + k && i + k < kQuantileSample; ++i) {
          if (i / (2 * p) == (i + k) / (2 * p)) pairs[count++] = {i, i + k};
        }
      }
    }
  }
  if (count != pairs.size()) throw "the network has another size";
  return pairs;
}();

/// 10 %, 50 % and 90 % quantiles.
struct Quantiles {
  double low, median, high;
};

Quantiles quantiles_of(std::span<const double> values) {
  std::array<double, kQuantileSample> some;
  some.fill(std::numeric_limits<double>::infinity());
  const std::size_t stride = (values.size() + some.size() - 1) / some.size();
  std::size_t n = 0;
  for (std::size_t i = 0; i < values.size(); i += stride) some[n++] = values[i];
  double* const v = some.data();
  for (const auto& [first, second] : kNetwork) {
    const double less = std::min(v[first], v[second]);
    v[second] = std::max(v[first], v[second]);
    v[first] = less;
  }
  return {some[n / 10], some[n / 2], some[n - 1 - n / 10]};
}

/// About the bits that the residuals take beyond a constant: the mean of log2(1 + |distance to the
/// median|), the logarithm being read off the double's exponent and, linearly, its mantissa.
double cost_of(std::span<const double> residuals, double median) {
  std::uint64_t sum = 0;
  for (const double r : residuals) {
    const auto bits = std::bit_cast<std::uint64_t>(1 + std::abs(r - median));
    sum += (bits - std::bit_cast<std::uint64_t>(1.0)) >> 32;
  }
  return static_cast<double>(sum) / static_cast<double>(std::uint64_t{1} << 20) /
         static_cast<double>(residuals.size());
}

/// Least squares of y on two columns; false where they are one.
bool regress(double xx, double xz, double zz, double xy, double zy, double& a, double& b) {
  const double determinant = xx * zz - xz * xz;
  if (!(determinant > 1e-9 * xx * zz)) return false;
  a = (xy * zz - zy * xz) / determinant;
  b = (zy * xx - xy * xz) / determinant;
  return std::isfinite(a) && std::isfinite(b);
}

/// Weights of the differences `d`, which are centred: those of the two differences before give
/// errors, and then those of the difference and the error before are what we want. A third pass
/// with better errors gains nothing that could be measured.
bool fit(std::span<const double> d, double& a, double& b) {
  double xx = 0, xz = 0, zz = 0, xy = 0, zy = 0;
  for (std::size_t i = 2; i < d.size(); ++i) {
    xx += d[i - 1] * d[i - 1];
    xz += d[i - 1] * d[i - 2];
    zz += d[i - 2] * d[i - 2];
    xy += d[i] * d[i - 1];
    zy += d[i] * d[i - 2];
  }
  double first = 0;
  double second = 0;
  if (!regress(xx, xz, zz, xy, zy, first, second)) return false;
  xz = zz = zy = 0;
  for (std::size_t i = 3; i < d.size(); ++i) {
    const double error = d[i - 1] - first * d[i - 2] - second * d[i - 3];
    xz += d[i - 1] * error;
    zz += error * error;
    zy += d[i] * error;
  }
  if (!regress(xx, xz, zz, xy, zy, a, b)) return false;
  a = std::clamp(a, -1.0, 1.5);
  b = std::clamp(b, -1.0, 1.0);
  return true;
}

std::int8_t sixteenths(double weight) { return static_cast<std::int8_t>(std::lround(weight * 16)); }

/// Differences without their median; outliers, which would rule a fit, are cut.
void centre(std::span<double> d, const Quantiles& q) {
  const double reach = 3 * (q.high - q.low);
  for (double& v : d) v = std::clamp(v - q.median, -reach, reach);
}

struct Candidate {
  Predictor predictor;
  Quantiles quantiles;
  double cost;
};

Candidate judge(Predictor predictor, std::span<const double> residuals) {
  const Quantiles q = quantiles_of(residuals);
  return {predictor, q, cost_of(residuals, q.median)};
}

Candidate judge_weights(std::span<const std::uint64_t> numbers, std::int8_t a, std::int8_t b,
                        std::span<double> scratch) {
  PredictorState s{numbers[0], 0, 0};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint64_t error = numbers[i] - prediction(s, a, b);
    s = {numbers[i], numbers[i] - s.previous, error};
    scratch[i] = real(error);
  }
  return judge({kWeighted, a, b}, scratch.first(numbers.size()));
}

}  // namespace

ColumnModel choose_model(std::span<const std::uint64_t> numbers) {
  const auto judged = numbers.first(std::min(numbers.size(), kJudged));
  const std::size_t n = judged.size();
  Reals scratch;
  for (std::size_t i = 0; i < n; ++i) scratch[i] = real(judged[i] - judged[0]);
  Candidate best = judge({}, std::span(scratch).first(n));
  if (n > 1) {
    for (std::size_t i = 1; i < n; ++i) scratch[i - 1] = real(judged[i] - judged[i - 1]);
    const auto differences = std::span(scratch).first(n - 1);
    const Candidate previous = judge({kPrevious, 0, 0}, differences);
    if (previous.cost < best.cost - kWorthLeavingALevel) best = previous;
    double a = 0;
    double b = 0;
    if (n >= kFewest && best.cost > 0.5 && previous.cost < best.cost + kHopeless) {
      centre(differences, previous.quantiles);
      if (fit(differences, a, b)) {
        const Candidate fitted = judge_weights(judged, sixteenths(a), sixteenths(b), scratch);
        const double worth = best.predictor.kind == kLevel ? kWorthLeavingALevel : kWorthAFit;
        if (fitted.cost < best.cost - worth) best = fitted;
      }
    }
  }
  const std::uint64_t offset = best.predictor.kind == kLevel ? judged[0] : 0;
  const auto median = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(std::clamp(best.quantiles.median, -9.2e18, 9.2e18)));
  // Of a normal distribution, 80 % lie within 1.28 standard deviations.
  return {best.predictor, median + offset, (best.quantiles.high - best.quantiles.low) / 2.563};
}

}  // namespace millwright::chunk

#pragma once
/// Fixed-size memory of a stream: its robust centre and scale, over a span that grows.
///
/// Keeps N values in time order. When full it drops every second one and from then on keeps only
/// every second newcomer, until `max_every` is reached; then the oldest leaves. So N values reach
/// over all of the past up to N * max_every samples. Trivially copyable, so it saves as bytes.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace millwright::ml::detail {

/// The 95 % quantile of |x| is 1.96 sigma for normal noise; 2.7 lets the median rule there and lets
/// heavy tails widen the scale.
inline constexpr float kTail = 2.7F;

enum class Around : std::uint8_t { kMedian, kZero };

template <std::size_t N>
struct Memory {
  std::array<float, N> values{};
  std::uint32_t count = 0;
  std::uint32_t every = 1;  ///< One of so many newcomers is kept.
  std::uint32_t skipped = 0;
  float centre = 0.0F;
  float scale = 0.0F;      ///< Robust standard deviation, 0 when more than half is equal.
  float inflation = 3.0F;  ///< sqrt(1 + 4 / n_eff): how much wider limits are for lack of data.

  void push(double value, std::uint32_t max_every, Around around) {
    if (++skipped < every) return;
    skipped = 0;
    // What is far off teaches as if it were at the edge: a slow drift cannot widen its own limits.
    // While little is known nothing is far off.
    if (count >= 16) {
      const double edge = 3.0 * scale * inflation * inflation;
      if (edge > 0.0) value = std::clamp(value, centre - edge, centre + edge);
    }
    if (count == N && every < max_every) halve();
    if (count == N) {
      std::copy(values.begin() + 1, values.end(), values.begin());
      --count;
    }
    values[count++] = static_cast<float>(value);
    summarise(around);
  }

  bool is_sound() const { return count <= N && every >= 1; }

 private:
  void halve() {
    for (std::uint32_t i = 0; i < N / 2; ++i) values[i] = values[2 * i + 1];
    count = N / 2;
    every *= 2;
  }

  void summarise(Around around) {
    std::array<float, N> work = values;
    const auto end = work.begin() + count;
    const auto middle = work.begin() + count / 2;
    const auto take_middle = [&] {
      std::nth_element(work.begin(), middle, end);
      return *middle;
    };
    centre = around == Around::kMedian ? take_middle() : 0.0F;
    for (auto it = work.begin(); it != end; ++it) *it = std::abs(*it - centre);
    const float mad = take_middle();
    const auto high = work.begin() + count * 95 / 100;
    std::nth_element(work.begin(), high, end);
    scale = std::max(1.4826F * mad, *high / kTail);

    // Lag-1 correlation from the robust scale of successive differences: 1 - D^2 / (2 S^2).
    for (std::uint32_t i = 1; i < count; ++i) work[i] = std::abs(values[i] - values[i - 1]);
    if (count < 3 || scale <= 0.0F) return;
    const auto half = work.begin() + 1 + (count - 1) / 2;
    std::nth_element(work.begin() + 1, half, end);
    const float step = 1.4826F * *half / scale;
    const float correlation = std::clamp(1.0F - 0.5F * step * step, 0.0F, 0.9995F);
    const float independent =
        static_cast<float>(count) * (1.0F - correlation) / (1.0F + correlation);
    inflation = std::min(3.0F, std::sqrt(1.0F + 4.0F / independent));
  }
};

}  // namespace millwright::ml::detail

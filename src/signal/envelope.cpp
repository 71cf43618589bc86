#include "signal/envelope.h"

#include <kiss_fft.h>

#include <memory>

#include "signal/statistics.h"

namespace millwright::signal {
namespace {

struct FreePlan {
  void operator()(kiss_fft_cfg plan) const { kiss_fft_free(plan); }
};
using Plan = std::unique_ptr<std::remove_pointer_t<kiss_fft_cfg>, FreePlan>;

struct Plans {
  int size = 0;
  Plan forward;
  Plan inverse;
};

/// Windows of one size come in rows.
const Plans& plans_for(int n) {
  thread_local Plans plans;
  if (plans.size != n) {
    plans = {n, Plan(kiss_fft_alloc(n, 0, nullptr, nullptr)),
             Plan(kiss_fft_alloc(n, 1, nullptr, nullptr))};
  }
  return plans;
}

}  // namespace

Spectrum squared_envelope_spectrum(std::span<const double> values, double sample_rate_hz,
                                   double from_hz, double to_hz) {
  const std::size_t n = values.size() / 2 * 2;
  if (n < 2 || !(sample_rate_hz > 0.0)) return {};
  const double centre = mean(values.first(n));
  std::vector<kiss_fft_cpx> time(n), frequency(n);
  for (std::size_t i = 0; i < n; ++i) {
    time[i] = {static_cast<kiss_fft_scalar>(values[i] - centre), 0};
  }
  const Plans& plans = plans_for(static_cast<int>(n));
  kiss_fft(plans.forward.get(), time.data(), frequency.data());
  const double bin_hz = sample_rate_hz / static_cast<double>(n);
  for (std::size_t k = 0; k < n; ++k) {
    // Without its negative half a band is its analytic signal.
    const double at_hz = bin_hz * static_cast<double>(k);
    if (k >= n / 2 || at_hz < from_hz || at_hz >= to_hz) frequency[k] = {0, 0};
  }
  kiss_fft(plans.inverse.get(), frequency.data(), time.data());
  std::vector<double> envelope(n);
  for (std::size_t i = 0; i < n; ++i) {
    envelope[i] =
        static_cast<double>(time[i].r) * time[i].r + static_cast<double>(time[i].i) * time[i].i;
  }
  const double level = mean(envelope);
  if (level > 0.0) {
    for (double& value : envelope) value /= level;
  }
  return amplitude_spectrum(envelope, sample_rate_hz);
}

}  // namespace millwright::signal

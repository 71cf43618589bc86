#include "signal/bearing.h"

#include <cmath>

namespace millwright::signal {

BearingOrders bearing_orders(const BearingGeometry& geometry) {
  const double ratio = geometry.element_diameter_mm / geometry.pitch_diameter_mm *
                       std::cos(geometry.contact_angle_rad);
  if (geometry.rolling_elements < 1 || !(ratio > 0.0) || !(ratio < 1.0)) return {};
  const double half = geometry.rolling_elements / 2.0;
  return {half * (1.0 - ratio), half * (1.0 + ratio),
          geometry.pitch_diameter_mm / (2.0 * geometry.element_diameter_mm) * (1.0 - ratio * ratio),
          (1.0 - ratio) / 2.0};
}

}  // namespace millwright::signal

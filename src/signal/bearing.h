#pragma once
/// What a rolling bearing's geometry says about where its faults show.

namespace millwright::signal {

struct BearingGeometry {
  int rolling_elements = 0;
  double element_diameter_mm = 0.0;
  double pitch_diameter_mm = 0.0;
  double contact_angle_rad = 0.0;
};

/// Passes for each turn of the shaft, outer race at rest, without slip (real ones are 1 to 2 %
/// lower). Source: R. Randall, J. Antoni (2011), Rolling element bearing diagnostics - a tutorial.
struct BearingOrders {
  double outer_race = 0.0;       ///< BPFO
  double inner_race = 0.0;       ///< BPFI
  double rolling_element = 0.0;  ///< BSF; a fault on an element strikes both races, at twice this
  double cage = 0.0;             ///< FTF
};

/// All 0 where the geometry is none: no elements, or an element as large as the pitch circle.
BearingOrders bearing_orders(const BearingGeometry& geometry);

}  // namespace millwright::signal

#pragma once
/// Physical model of a gear's vibration on two axes, for the simulated connector and for training.
///
/// A pinion of 18 teeth turns at the shaft speed; its teeth meet a wheel with a line of resonances
/// behind it. What is heard is the sum of
///   - gear-mesh harmonics at k * teeth * speed, louder under load, modulated by the load zone,
///   - shaft orders (unbalance, misalignment),
///   - impacts that ring the structure's resonances (900 and 1,750 Hz),
///   - noise, white plus a coloured part.
/// Conditions change it as the literature describes (Randall, Vibration-based Condition
/// Monitoring, 2011, ch. 5): eccentricity modulates the mesh once per turn and raises shaft order
/// 1; a missing tooth takes one mesh pulse out of each turn and strikes hard; a chipped tooth
/// strikes more softly; a root crack lowers stiffness over one tooth, so phase and amplitude are
/// modulated briefly each turn, more under load; a surface fault (wear) raises the upper mesh
/// harmonics, broad noise and small random strikes. Each seed is another specimen: its offset,
/// gains, phases and fault severity differ a little.
///
/// Not thread-safe. O(n) per burst, about 0.3 us a sample.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "signal/random.h"

namespace millwright::signal {

enum class GearCondition {
  kNoFault,
  kEccentricity,
  kMissingTooth,
  kRootCrack,
  kSurfaceFault,
  kToothChippedFault,
};
inline constexpr std::array kGearConditions = {
    GearCondition::kNoFault,   GearCondition::kEccentricity, GearCondition::kMissingTooth,
    GearCondition::kRootCrack, GearCondition::kSurfaceFault, GearCondition::kToothChippedFault};

/// The name on the wire: "no_fault", "eccentricity", "missing_tooth", "root_crack",
/// "surface_fault", "tooth_chipped_fault".
std::string_view to_string(GearCondition condition);
/// Errors: kInvalidArgument, naming the six that exist.
Result<GearCondition> parse_gear_condition(std::string_view name);

/// The operating points that the demo and the training use.
inline constexpr std::array kGearSpeedsHz = {8.33, 25.0, 40.0};
inline constexpr std::array kGearLoadsNm = {0.0, 80.0};

struct GearVibrationParams {
  GearCondition condition = GearCondition::kNoFault;
  double speed_hz = 25.0;          ///< Shaft revolutions a second, 1 ... 100.
  double load_nm = 0.0;            ///< Torque, 0 ... 200.
  std::uint64_t seed = 1;          ///< The specimen; the same seed gives the same samples.
  double sample_rate_hz = 5000.0;  ///< 1,000 ... 100,000.
};

/// Displacement in mm-like sensor units round an offset of about 2.5; both of the same length.
struct GearBurst {
  std::vector<double> x_axis;
  std::vector<double> y_axis;
};

class GearVibration {
 public:
  /// Errors: kInvalidArgument when a parameter is outside its range.
  static Result<GearVibration> create(const GearVibrationParams& params);

  /// The next n samples of each axis; the shaft goes on turning where the last burst ended.
  GearBurst generate(std::size_t n);
  /// Lets time pass without samples, so that the next burst starts at another angle.
  void skip(double seconds);

  const GearVibrationParams& params() const { return params_; }

 private:
  explicit GearVibration(const GearVibrationParams& params);

  struct Specimen {
    double offset_x, offset_y;   ///< Sensor offsets.
    double gain_x, gain_y;       ///< Axis gains.
    double severity;             ///< Of the fault, about 1.
    double fault_angle;          ///< Of the faulty tooth, in turns.
    double order1, order2;       ///< Shaft order amplitudes.
    double noise;                ///< Standard deviation of the white noise.
    std::array<double, 4> mesh;  ///< Amplitudes of the mesh harmonics 1 ... 4 without load.
    std::array<double, 4> phase_x, phase_y;
  };
  struct Resonator {  ///< Two-pole filter, impulse response a decaying sine.
    double a1 = 0, a2 = 0, y1 = 0, y2 = 0;
    double step(double input);
  };
  struct Modulation {
    double amplitude, phase;
  };

  Resonator make_resonator(double frequency_hz, double decay_s) const;
  Modulation modulation_at(double turn) const;
  double strike(double turn_before, double turn_after);

  GearVibrationParams params_;
  RandomSource random_;
  Specimen specimen_{};
  std::array<Resonator, 2> ring_x_, ring_y_;
  double turns_ = 0.0;  ///< Angle of the shaft in turns since the start.
  double coloured_x_ = 0.0, coloured_y_ = 0.0;
};

}  // namespace millwright::signal

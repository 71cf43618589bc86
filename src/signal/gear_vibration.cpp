#include "signal/gear_vibration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"

namespace millwright::signal {
namespace {

constexpr double kTurn = 2.0 * std::numbers::pi;
constexpr double kTeeth = 18.0;
constexpr double kRatedLoadNm = 80.0;
constexpr double kReferenceSpeedHz = 25.0;
/// Sensor units per unit of the model: a healthy gear at 25 rev/s has an RMS of about 0.01.
constexpr double kScale = 0.01;

/// splitmix64 (Steele et al. 2014): spreads neighbouring seeds over the whole range.
std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t specimen_seed(const GearVibrationParams& p) {
  std::uint64_t seed = mix(p.seed);
  seed = mix(seed ^ static_cast<std::uint64_t>(p.condition));
  seed = mix(seed ^ static_cast<std::uint64_t>(std::llround(p.speed_hz * 100.0)));
  return mix(seed ^ static_cast<std::uint64_t>(std::llround(p.load_nm * 100.0)));
}

/// Smooth bump of height 1 round the faulty tooth, `teeth` tooth pitches wide.
double tooth_bump(double turn, double fault_angle, double teeth) {
  double distance = turn - fault_angle;
  distance -= std::round(distance);
  const double half_width = 0.5 * teeth / kTeeth;
  if (std::abs(distance) >= half_width) return 0.0;
  return 0.5 + 0.5 * std::cos(std::numbers::pi * distance / half_width);
}

}  // namespace

std::string_view to_string(GearCondition condition) {
  switch (condition) {
    case GearCondition::kNoFault:
      return "no_fault";
    case GearCondition::kEccentricity:
      return "eccentricity";
    case GearCondition::kMissingTooth:
      return "missing_tooth";
    case GearCondition::kRootCrack:
      return "root_crack";
    case GearCondition::kSurfaceFault:
      return "surface_fault";
    case GearCondition::kToothChippedFault:
      return "tooth_chipped_fault";
  }
  return "unknown";
}

Result<GearCondition> parse_gear_condition(std::string_view name) {
  for (GearCondition condition : kGearConditions) {
    if (to_string(condition) == name) return condition;
  }
  return invalid_argument("gear condition " + quote(name) +
                          " is unknown: use no_fault, eccentricity, missing_tooth, root_crack, "
                          "surface_fault or tooth_chipped_fault");
}

Result<GearVibration> GearVibration::create(const GearVibrationParams& params) {
  const auto check = [](std::string_view what, double value, double low, double high) -> Result<> {
    if (value >= low && value <= high) return {};
    return invalid_argument(std::string(what) + " is " + std::to_string(value) +
                            ": choose a value from " + std::to_string(low) + " to " +
                            std::to_string(high));
  };
  MW_TRY(check("gear speed in rev/s", params.speed_hz, 1.0, 100.0));
  MW_TRY(check("gear load in Nm", params.load_nm, 0.0, 200.0));
  MW_TRY(check("gear sample rate in Hz", params.sample_rate_hz, 1000.0, 100000.0));
  return GearVibration(params);
}

GearVibration::GearVibration(const GearVibrationParams& params)
    : params_(params), random_(specimen_seed(params)) {
  Specimen& s = specimen_;
  s.offset_x = 2.52 + 0.01 * random_.normal();
  s.offset_y = 2.43 + 0.01 * random_.normal();
  s.gain_x = random_.uniform(0.85, 1.15);
  s.gain_y = random_.uniform(0.7, 0.95);
  s.severity = random_.uniform(0.8, 1.25);
  s.fault_angle = random_.uniform();
  s.order1 = 0.25 * random_.uniform(0.7, 1.3);
  s.order2 = 0.12 * random_.uniform(0.7, 1.3);
  s.noise = 0.15 * random_.uniform(0.85, 1.15);
  constexpr std::array kMesh = {0.9, 0.45, 0.22, 0.12};
  for (std::size_t k = 0; k < kMesh.size(); ++k) {
    s.mesh[k] = kMesh[k] * random_.uniform(0.85, 1.15);
    s.phase_x[k] = kTurn * random_.uniform();
    s.phase_y[k] = kTurn * random_.uniform();
  }
  switch (params_.condition) {
    case GearCondition::kNoFault:
      break;
    case GearCondition::kEccentricity:
      s.order1 *= 1.0 + 2.5 * s.severity;
      break;
    case GearCondition::kMissingTooth:
      s.order1 *= 1.0 + 0.8 * s.severity;
      break;
    case GearCondition::kToothChippedFault:
      s.order1 *= 1.0 + 0.3 * s.severity;
      break;
    case GearCondition::kRootCrack:
      s.mesh[0] *= 1.0 - 0.15 * s.severity;
      s.mesh[1] *= 1.0 + 0.4 * s.severity;
      break;
    case GearCondition::kSurfaceFault:
      s.mesh[2] *= 1.0 + 1.5 * s.severity;
      s.mesh[3] *= 1.0 + 2.5 * s.severity;
      s.noise *= 1.0 + 0.9 * s.severity;
      break;
  }
  ring_x_ = {make_resonator(900.0, 0.004), make_resonator(1750.0, 0.0025)};
  ring_y_ = {make_resonator(940.0, 0.004), make_resonator(1680.0, 0.0025)};
  turns_ = random_.uniform();
}

GearVibration::Resonator GearVibration::make_resonator(double frequency_hz, double decay_s) const {
  // Above the Nyquist frequency of a slow sensor the resonance is not heard.
  if (frequency_hz >= 0.45 * params_.sample_rate_hz) return {};
  const double radius = std::exp(-1.0 / (decay_s * params_.sample_rate_hz));
  const double angle = kTurn * frequency_hz / params_.sample_rate_hz;
  return {.a1 = 2.0 * radius * std::cos(angle), .a2 = -radius * radius};
}

double GearVibration::Resonator::step(double input) {
  const double y = input + a1 * y1 + a2 * y2;
  y2 = y1;
  y1 = y;
  return y;
}

GearVibration::Modulation GearVibration::modulation_at(double turn) const {
  const Specimen& s = specimen_;
  const double load = params_.load_nm / kRatedLoadNm;
  switch (params_.condition) {
    case GearCondition::kEccentricity: {
      const double angle = kTurn * (turn - s.fault_angle);
      return {1.0 + 0.55 * s.severity * std::cos(angle), 0.6 * s.severity * std::sin(angle)};
    }
    case GearCondition::kMissingTooth: {
      const double bump = tooth_bump(turn, s.fault_angle, 2.0);
      return {1.0 - 0.9 * bump, 0.8 * s.severity * bump};
    }
    case GearCondition::kToothChippedFault: {
      const double bump = tooth_bump(turn, s.fault_angle, 1.5);
      return {1.0 - 0.4 * s.severity * bump, 0.2 * s.severity * bump};
    }
    case GearCondition::kRootCrack: {
      const double bump = tooth_bump(turn, s.fault_angle, 4.0) * s.severity * (0.6 + 0.4 * load);
      return {1.0 + 0.5 * bump, -1.4 * bump};
    }
    case GearCondition::kNoFault:
    case GearCondition::kSurfaceFault:
      break;
  }
  // A healthy gear's load zone still modulates a little.
  return {1.0 + 0.05 * std::cos(kTurn * turn), 0.0};
}

double GearVibration::strike(double turn_before, double turn_after) {
  const Specimen& s = specimen_;
  const double hardness = (0.6 + 0.4 * params_.speed_hz / kReferenceSpeedHz) *
                          (1.0 + 0.5 * params_.load_nm / kRatedLoadNm) * s.severity;
  const bool fault_passes =
      std::floor(turn_before - s.fault_angle) != std::floor(turn_after - s.fault_angle);
  switch (params_.condition) {
    case GearCondition::kMissingTooth:
      return fault_passes ? 5.0 * hardness : 0.0;
    case GearCondition::kToothChippedFault:
      return fault_passes ? 2.2 * hardness : 0.0;
    case GearCondition::kSurfaceFault: {
      const bool tooth_passes = std::floor(turn_before * kTeeth) != std::floor(turn_after * kTeeth);
      if (!tooth_passes) return 0.0;
      return random_.uniform() < 0.25 ? hardness * random_.uniform(0.2, 0.9) : 0.0;
    }
    case GearCondition::kNoFault:
    case GearCondition::kEccentricity:
    case GearCondition::kRootCrack:
      break;
  }
  return 0.0;
}

GearBurst GearVibration::generate(std::size_t n) {
  const Specimen& s = specimen_;
  const double loudness = std::pow(params_.speed_hz / kReferenceSpeedHz, 0.6);
  const double mesh_loudness = loudness * (1.0 + 0.8 * params_.load_nm / kRatedLoadNm);
  const double step = params_.speed_hz / params_.sample_rate_hz;
  GearBurst burst;
  burst.x_axis.resize(n);
  burst.y_axis.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double before = turns_;
    turns_ += step;
    const Modulation modulation = modulation_at(turns_);
    double x = loudness * (s.order1 * std::cos(kTurn * turns_) +
                           s.order2 * std::cos(2.0 * kTurn * turns_ + 0.7));
    double y = loudness * (s.order1 * std::sin(kTurn * turns_) +
                           s.order2 * std::sin(2.0 * kTurn * turns_ + 0.7));
    for (std::size_t k = 0; k < s.mesh.size(); ++k) {
      const double order = static_cast<double>(k + 1);
      if (order * kTeeth * params_.speed_hz >= 0.45 * params_.sample_rate_hz) break;
      const double angle = order * (kTurn * kTeeth * turns_ + modulation.phase);
      const double amplitude = mesh_loudness * s.mesh[k] * modulation.amplitude;
      x += amplitude * std::cos(angle + s.phase_x[k]);
      y += amplitude * std::cos(angle + s.phase_y[k]);
    }
    const double hit = strike(before, turns_);
    x += ring_x_[0].step(hit) + 0.6 * ring_x_[1].step(hit);
    y += ring_y_[0].step(0.8 * hit) + 0.6 * ring_y_[1].step(hit);
    coloured_x_ = 0.9 * coloured_x_ + 0.4 * s.noise * random_.normal();
    coloured_y_ = 0.9 * coloured_y_ + 0.4 * s.noise * random_.normal();
    x += coloured_x_ + s.noise * random_.normal();
    y += coloured_y_ + s.noise * random_.normal();
    burst.x_axis[i] = s.offset_x + kScale * s.gain_x * x;
    burst.y_axis[i] = s.offset_y + kScale * s.gain_y * y;
  }
  return burst;
}

void GearVibration::skip(double seconds) {
  if (seconds <= 0.0) return;
  turns_ += seconds * params_.speed_hz;
  turns_ -= std::floor(turns_);  // keeps the precision of an angle over months
  // What rang has died away after a tenth of a second.
  if (seconds > 0.1) {
    for (auto* rings : {&ring_x_, &ring_y_}) {
      for (Resonator& ring : *rings) ring.y1 = ring.y2 = 0.0;
    }
  }
}

}  // namespace millwright::signal

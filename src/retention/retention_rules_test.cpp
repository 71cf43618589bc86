#include "retention/retention_rules.h"

#include <gtest/gtest.h>

namespace millwright::retention {
namespace {

using std::chrono::hours;

Metric metric(std::string_view device, std::string_view path, std::string_view id,
              MetricType type = MetricType::kNumericScalar) {
  return {SeriesId{1},
          {*DeviceId::parse(device), *Path::parse(path), *MetricId::parse(id)},
          "",
          "",
          type};
}

RetentionRule rule(int keep_h, std::string_view path, std::optional<std::string> id = {},
                   std::optional<std::string> device = {}, bool waveforms_only = false) {
  RetentionScope scope{std::nullopt, *Path::parse(path), std::nullopt, waveforms_only};
  if (id) scope.metric = *MetricId::parse(*id);
  if (device) scope.device = *DeviceId::parse(*device);
  return {scope, hours(keep_h)};
}

int kept(const std::vector<RetentionRule>& rules, const Metric& of) {
  const RetentionRule* found = rule_for(rules, of);
  return found ? static_cast<int>(found->keep.count()) : -1;
}

TEST(RetentionRules, WithoutARuleEverythingIsKept) {
  EXPECT_EQ(rule_for({}, metric("000001", "a", "t")), nullptr);
  EXPECT_TRUE(expiries({}, std::vector{metric("000001", "a", "t")}, from_us(0)).empty());
}

TEST(RetentionRules, TheMostSpecificWins) {
  const std::vector<RetentionRule> rules{
      rule(36, ""),
      rule(48, "", "vibration"),
      rule(100, "line", "vibration"),
      rule(200, "", "vibration.x"),
      rule(7, "line.motor1"),
      rule(8, "line.motor1", {}, "000001"),
      rule(9, "line", {}, {}, true),
  };
  EXPECT_EQ(kept(rules, metric("000002", "other", "t")), 36);
  EXPECT_EQ(kept(rules, metric("000002", "other", "vibration.y")), 48);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor1", "vibration.y")), 100);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor1", "vibration.x.rms")), 200);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor1.bearing", "t")), 7);
  EXPECT_EQ(kept(rules, metric("000001", "line.motor1", "t")), 8);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor2", "t")), 36);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor2", "b", MetricType::kWaveform)), 9);
  EXPECT_EQ(kept(rules, metric("000002", "line.motor1", "b", MetricType::kWaveform)), 7);
}

TEST(RetentionRules, NamesAreWholeLabels) {
  const std::vector<RetentionRule> rules{rule(48, "line", "vib")};
  EXPECT_EQ(kept(rules, metric("000001", "line", "vibration")), -1);
  EXPECT_EQ(kept(rules, metric("000001", "line2", "vib")), -1);
  EXPECT_EQ(kept(rules, metric("000001", "line", "vib-x")), -1);
  EXPECT_EQ(kept(rules, metric("000001", "line", "vib.x")), 48);
}

TEST(RetentionRules, ForeverShieldsFromAWiderRule) {
  const std::vector<RetentionRule> rules{rule(1, ""), rule(0, "", "energy")};
  std::vector<Metric> metrics{metric("000001", "", "energy"), metric("000001", "", "t")};
  metrics[1].series = SeriesId{2};
  const auto expired = expiries(rules, metrics, from_us(7'200'000'000));
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].series, SeriesId{2});
  EXPECT_EQ(expired[0].before_us, 3'600'000'000);
}

TEST(RetentionRules, ATenantsOwnRuleReplacesTheDefault) {
  const RetentionRule preset = waveform_default(hours(48));
  EXPECT_EQ(with_default({}, preset).size(), 1u);
  const auto replaced = with_default({rule(0, "", {}, {}, true)}, preset);
  EXPECT_EQ(kept(replaced, metric("000001", "", "b", MetricType::kWaveform)), 0);
  // A wider rule does not: it speaks of everything, the default of waveforms.
  const auto beside = with_default({rule(1'000, "")}, preset);
  EXPECT_EQ(kept(beside, metric("000001", "", "b", MetricType::kWaveform)), 48);
  EXPECT_EQ(kept(beside, metric("000001", "", "t")), 1'000);
}

}  // namespace
}  // namespace millwright::retention

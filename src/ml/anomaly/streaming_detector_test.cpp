#include "ml/anomaly/streaming_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// ARMA(2,1) round an offset, as ARMA processes of industrial temperatures look.
class Arma {
 public:
  Arma(std::uint64_t seed, double a1, double a2, double b1, double offset)
      : random_(seed), a1_(a1), a2_(a2), b1_(b1), offset_(offset) {
    for (int i = 0; i < 500; ++i) next();
  }
  double next() {
    const double e = random_.normal();
    const double x = a1_ * x1_ + a2_ * x2_ + e + b1_ * e1_;
    x2_ = x1_;
    x1_ = x;
    e1_ = e;
    return offset_ + 0.1 * x;
  }

 private:
  signal::RandomSource random_;
  double a1_, a2_, b1_, offset_;
  double x1_ = 0, x2_ = 0, e1_ = 0;
};

struct Outcome {
  std::vector<AnomalyChange> changes;
  int opened = 0;
};

Outcome run(StreamingDetector& detector, int n, const std::function<double(int)>& value,
            std::int64_t interval_us = kSecond, int from = 0) {
  Outcome out;
  for (int i = from; i < from + n; ++i) {
    if (auto change = detector.update(i * interval_us, value(i))) {
      if (change->phase == AnomalyPhase::kOpened) ++out.opened;
      out.changes.push_back(*change);
    }
  }
  return out;
}

DetectorOptions temperature() { return {.name = "temperature", .unit = "°C"}; }

TEST(StreamingDetector, IsQuietOnArmaNoise) {
  struct Case {
    double a1, a2, b1;
  };
  int opened = 0;
  int samples = 0;
  for (const Case& c : {Case{0, 0, 0}, Case{0.9, 0, 0}, Case{1.6, -0.605, 0.3}}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Arma arma(seed, c.a1, c.a2, c.b1, 23.0);
      StreamingDetector detector(temperature());
      const Outcome result = run(detector, 20000, [&](int) { return arma.next(); });
      samples += 20000;
      opened += result.opened;
      for (const auto& change : result.changes) {
        std::cout << "seed " << seed << " a1 " << c.a1 << ": " << to_string(change.phase) << ' '
                  << to_string(change.kind) << ' ' << change.reason << '\n';
      }
    }
  }
  std::cout << opened << " false alarms in " << samples << " samples, seeds 1-20\n";
  EXPECT_LE(opened, 3);
}

TEST(StreamingDetector, SaysAPointInWordsWithNumbersAndUnit) {
  signal::RandomSource random(7);
  StreamingDetector detector(temperature());
  const Outcome result = run(
      detector, 600, [&](int i) { return 23.0 + 0.5 * random.normal() + (i == 500 ? 20.0 : 0.0); });
  ASSERT_EQ(result.changes.size(), 2u);
  const AnomalyChange& opened = result.changes[0];
  EXPECT_EQ(opened.phase, AnomalyPhase::kOpened);
  EXPECT_EQ(opened.kind, AnomalyKind::kPoint);
  EXPECT_EQ(opened.start_us, 500 * kSecond);
  EXPECT_GT(opened.severity, 8.0);
  EXPECT_NE(opened.reason.find("°C is "), std::string::npos) << opened.reason;
  EXPECT_NE(opened.reason.find("σ above its usual 2"), std::string::npos) << opened.reason;
  const AnomalyChange& closed = result.changes[1];
  EXPECT_EQ(closed.phase, AnomalyPhase::kClosed);
  EXPECT_EQ(closed.end_us, 500 * kSecond);
}

TEST(StreamingDetector, FindsLevelShiftAndTakesItForNormalAfterLong) {
  signal::RandomSource random(8);
  StreamingDetector detector(temperature());
  const Outcome result = run(
      detector, 3000, [&](int i) { return 23.0 + 0.5 * random.normal() + (i >= 800 ? 8.0 : 0.0); });
  ASSERT_GE(result.changes.size(), 3u);
  EXPECT_EQ(result.opened, 1);
  EXPECT_EQ(result.changes.front().start_us, 800 * kSecond);
  EXPECT_EQ(result.changes[1].phase, AnomalyPhase::kUpdated);
  EXPECT_EQ(result.changes[1].kind, AnomalyKind::kLevelShift);
  const AnomalyChange& last = result.changes.back();
  EXPECT_EQ(last.phase, AnomalyPhase::kClosed);
  EXPECT_NE(last.reason.find("new normal"), std::string::npos) << last.reason;
  EXPECT_NEAR(detector.usual_level(), 31.0, 0.3);
  EXPECT_EQ(detector.state(), DetectorState::kReady);
}

TEST(StreamingDetector, FindsSmallLevelShiftInBlocks) {
  signal::RandomSource random(9);
  StreamingDetector detector(temperature());
  const Outcome result = run(detector, 1400, [&](int i) {
    return 23.0 + 0.5 * random.normal() + (i >= 1200 ? 1.5 : 0.0);
  });
  ASSERT_GE(result.changes.size(), 1u);
  EXPECT_EQ(result.changes[0].kind, AnomalyKind::kLevelShift) << result.changes[0].reason;
  EXPECT_NEAR(static_cast<double>(result.changes[0].start_us) / kSecond, 1200.0, 17.0);
}

TEST(StreamingDetector, FindsSlowDrift) {
  signal::RandomSource random(10);
  StreamingDetector detector(temperature());
  const Outcome result = run(detector, 2400, [&](int i) {
    return 23.0 + 0.5 * random.normal() + 0.004 * std::max(0, i - 1500);
  });
  ASSERT_GE(result.changes.size(), 1u);
  EXPECT_EQ(result.changes[0].kind, AnomalyKind::kDrift) << result.changes[0].reason;
  EXPECT_GT(result.changes[0].start_us, 1500 * kSecond);
}

TEST(StreamingDetector, FindsStuckSensorAndItsEnd) {
  signal::RandomSource random(11);
  StreamingDetector detector(temperature());
  double held = 0.0;
  const Outcome result = run(detector, 900, [&](int i) {
    const double value = 23.0 + 0.5 * random.normal();
    if (i == 700) held = value;
    return i >= 700 && i < 800 ? held : value;
  });
  ASSERT_EQ(result.changes.size(), 2u);
  EXPECT_EQ(result.changes[0].kind, AnomalyKind::kFlatLine);
  EXPECT_EQ(result.changes[0].start_us, 700 * kSecond);
  EXPECT_NE(result.changes[0].reason.find("exactly"), std::string::npos);
  EXPECT_EQ(result.changes[1].phase, AnomalyPhase::kClosed);
  EXPECT_EQ(result.changes[1].end_us, 799 * kSecond);
}

TEST(StreamingDetector, FindsGrownSpread) {
  signal::RandomSource random(12);
  StreamingDetector detector(temperature());
  const Outcome result = run(detector, 1600, [&](int i) {
    return 23.0 + (i >= 1200 && i < 1500 ? 2.2 : 0.5) * random.normal();
  });
  bool found = false;
  for (const auto& change : result.changes) found |= change.kind == AnomalyKind::kSpread;
  EXPECT_TRUE(found) << result.changes.size();
}

TEST(StreamingDetector, WatchesACounterByItsIncrements) {
  signal::RandomSource random(13);
  StreamingDetector detector({.name = "parts"});
  double total = 1e6;
  const Outcome result = run(detector, 3000, [&](int i) {
    total += i == 2500 ? 400.0 : std::floor(random.uniform(8.0, 14.0));
    if (i == 1500) total = 0.0;  // a reset is no anomaly
    return total;
  });
  ASSERT_EQ(result.opened, 1);
  EXPECT_EQ(result.changes[0].start_us, 2500 * kSecond);
  EXPECT_NE(result.changes[0].reason.find("increase of parts 400"), std::string::npos)
      << result.changes[0].reason;
}

TEST(StreamingDetector, DoesNotTakeSwitchesAndConstantsForFaults) {
  signal::RandomSource random(14);
  StreamingDetector flag({.name = "running"});
  double on = 0.0;
  EXPECT_EQ(run(flag, 20000,
                [&](int) {
                  if (random.uniform() < 1.0 / 45.0) on = 1.0 - on;
                  return on;
                })
                .opened,
            0);
  StreamingDetector constant({.name = "setpoint"});
  EXPECT_EQ(run(constant, 20000, [&](int) { return 60.0; }).opened, 0);
}

TEST(StreamingDetector, LearnsTheIntervalWhateverItIs) {
  for (std::int64_t interval : {std::int64_t{200}, 300 * kSecond}) {
    signal::RandomSource random(15);
    StreamingDetector detector(temperature());
    const Outcome result = run(
        detector, 1000,
        [&](int i) { return 23.0 + 0.5 * random.normal() + (i >= 900 ? 20.0 : 0.0); }, interval);
    ASSERT_GE(result.changes.size(), 1u);
    EXPECT_EQ(result.changes[0].start_us, 900 * interval);
  }
}

TEST(StreamingDetector, DoesNotCompareAcrossAGap) {
  signal::RandomSource random(16);
  StreamingDetector detector(temperature());
  double level = 0.0;
  const auto walk = [&](int) { return level += 0.01 * random.normal(); };
  EXPECT_EQ(run(detector, 2000, walk).opened, 0);
  level += 0.12;  // 12 steps' worth, well within what an hour of pause may bring
  EXPECT_EQ(run(detector, 200, walk, kSecond, 5600).opened, 0);
}

TEST(StreamingDetector, IgnoresOldTimesAndValuesThatAreNotFinite) {
  StreamingDetector detector(temperature());
  EXPECT_FALSE(detector.update(0, std::nan("")));
  EXPECT_FALSE(detector.update(5, 1.0));
  EXPECT_FALSE(detector.update(5, 1e9));
  EXPECT_FALSE(detector.update(4, 1e9));
  EXPECT_FALSE(detector.update(6, INFINITY));
  EXPECT_EQ(detector.state(), DetectorState::kLearning);
}

TEST(StreamingDetector, GoesOnAfterARestartAsIfNothingHappened) {
  signal::RandomSource random(17);
  std::vector<double> values(1500);
  for (double& v : values) v = 23.0 + 0.5 * random.normal();
  for (int i = 1000; i < 1100; ++i) values[static_cast<std::size_t>(i)] += 10.0;
  const auto value = [&](int i) { return values[static_cast<std::size_t>(i)]; };
  StreamingDetector whole(temperature());
  const Outcome expected = run(whole, 1500, value);
  StreamingDetector before(temperature());
  Outcome got = run(before, 1040, value);  // stops inside the open anomaly
  const std::string bytes = before.save();
  EXPECT_LE(bytes.size(), 4096u);
  auto after = StreamingDetector::restore(temperature(), bytes);
  ASSERT_TRUE(after);
  const Outcome rest = run(*after, 460, value, kSecond, 1040);
  got.changes.insert(got.changes.end(), rest.changes.begin(), rest.changes.end());
  ASSERT_EQ(got.changes.size(), expected.changes.size());
  for (std::size_t i = 0; i < got.changes.size(); ++i) {
    EXPECT_EQ(got.changes[i].reason, expected.changes[i].reason);
    EXPECT_EQ(got.changes[i].phase, expected.changes[i].phase);
  }
}

TEST(StreamingDetector, RefusesDamagedState) {
  std::string bytes = StreamingDetector(temperature()).save();
  bytes[bytes.size() / 2] ^= 1;
  const auto damaged = StreamingDetector::restore(temperature(), bytes);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(StreamingDetector::restore(temperature(), "short"));
}

TEST(StreamingDetector, TellsThatDataIsDroppedWhileTimeGoesOnElsewhere) {
  signal::RandomSource random(11);
  StreamingDetector detector(temperature());
  run(detector, 600, [&](int) { return 23.0 + 0.5 * random.normal(); });
  EXPECT_FALSE(detector.notice_silence(620 * kSecond)) << "metrics come in batches";
  const auto opened = detector.notice_silence(700 * kSecond);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, AnomalyKind::kDroppedData);
  EXPECT_EQ(opened->start_us, 599 * kSecond);
  EXPECT_NE(opened->reason.find("sent nothing"), std::string::npos) << opened->reason;
  EXPECT_FALSE(detector.notice_silence(800 * kSecond)) << "told once";
  const auto closed = detector.update(900 * kSecond, 23.1);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->phase, AnomalyPhase::kClosed);
  EXPECT_EQ(closed->end_us, 900 * kSecond);
  // A silence as long as one before is nothing new.
  run(
      detector, 100, [&](int) { return 23.0 + 0.5 * random.normal(); }, kSecond, 901);
  EXPECT_FALSE(detector.notice_silence(1300 * kSecond));
  EXPECT_TRUE(detector.notice_silence(1800 * kSecond));
}

TEST(StreamingDetector, TellsAValueBeyondABoundThatWasNeverPassed) {
  signal::RandomSource random(12);
  StreamingDetector detector({.name = "light", .unit = "lx"});
  // Dark half of the time: 0 lx is met again and again.
  const auto light = [&](int i) { return i % 400 < 200 ? 0.0 : 300.0 + 20.0 * random.normal(); };
  run(detector, 4000, light);
  const auto change = detector.update(4000 * kSecond, -30.0);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, AnomalyKind::kOutOfRange);
  EXPECT_NE(change->reason.find("never passed"), std::string::npos) << change->reason;
}

TEST(StreamingDetector, TellsAValueThatIsUsualAtAnotherTimeOfTheDay) {
  constexpr int kDay = 1440;  // minutes
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    signal::RandomSource random(seed);
    StreamingDetector detector({.name = "light", .unit = "lx"});
    // On from eight to six, a little earlier or later each day.
    const auto light = [&](int i) {
      const int minute = i % kDay, shift = (i / kDay * 7) % 20;
      const bool is_on = minute > 480 + shift && minute < 1080 - shift;
      return is_on ? 400.0 + 10.0 * random.normal() : 0.0;
    };
    run(detector, 4 * kDay, light, 60 * kSecond);
    const Outcome quiet = run(detector, 2 * kDay, light, 60 * kSecond, 4 * kDay);
    EXPECT_EQ(quiet.opened, 0) << "seed " << seed;
    // Two in the morning of the seventh day.
    run(detector, 120, light, 60 * kSecond, 6 * kDay);
    const auto change = detector.update((6 * kDay + 120) * 60 * kSecond, 400.0);
    ASSERT_TRUE(change) << "seed " << seed;
    EXPECT_EQ(change->kind, AnomalyKind::kContextual);
    EXPECT_NE(change->reason.find("time of the other days"), std::string::npos) << change->reason;
  }
}

TEST(StreamingDetector, AJumpLikeThoseBeforeIsNoNews) {
  signal::RandomSource random(13);
  StreamingDetector detector({.name = "power", .unit = "kW"});
  // A machine that is switched on and off, at times that nobody knows before.
  double level = 0.0;
  int next = 300;
  const auto power = [&](int i) {
    if (i == next) {
      level = level == 0.0 ? 50.0 : 0.0;
      next += 200 + static_cast<int>(random.below(400));
    }
    return level + 0.3 * random.normal();
  };
  const Outcome result = run(detector, 24000, power);
  EXPECT_LE(result.opened, 6) << "a jump or two, and each level three times";
  const auto change = detector.update(24000 * kSecond, level + 180.0);
  ASSERT_TRUE(change) << "three times as large is news";
}

}  // namespace
}  // namespace millwright::ml

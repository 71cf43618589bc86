#include "ml/rul/peer_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kReference = 200;

/// Four bearings on a shaft whose speed wanders: all levels move together, with noise of 2 %.
class Shaft {
 public:
  explicit Shaft(std::uint64_t seed) : random_(seed) {}
  std::vector<double> row(double wear_of_second = 0.0) {
    speed_ += 0.02 * random_.normal() - 0.01 * speed_;
    std::vector<double> levels;
    for (int b = 0; b < 4; ++b) {
      const double wear = b == 1 ? wear_of_second : 0.2 * wear_of_second;  // neighbours hear it
      levels.push_back((0.1 + 0.02 * b) * std::exp(speed_ + wear + 0.02 * random_.normal()));
    }
    return levels;
  }

 private:
  signal::RandomSource random_;
  double speed_ = 0.0;
};

PeerWatch watch_of(std::size_t components) {
  auto watch = PeerWatch::create(components, kReference);
  EXPECT_TRUE(watch);
  return std::move(watch).value();
}

TEST(PeerWatch, SpeedThatMovesAllIsNoAlarm) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Shaft shaft(seed);
    PeerWatch watch = watch_of(4);
    for (int i = 0; i < 3000; ++i) {
      const auto changes = watch.update(shaft.row());
      ASSERT_TRUE(changes);
      EXPECT_TRUE(changes->empty()) << "seed " << seed << " row " << i;
    }
  }
}

TEST(PeerWatch, TellsTheWornOneEarlyAndNotItsNeighbours) {
  Shaft shaft(1);
  PeerWatch watch = watch_of(4);
  std::vector<PeerChange> all;
  int first_row = -1;
  for (int i = 0; i < 1200; ++i) {
    const double wear = i < 600 ? 0.0 : 0.001 * (i - 600);  // 10 % after 100 rows
    const auto changes = watch.update(shaft.row(wear));
    ASSERT_TRUE(changes);
    if (!changes->empty() && first_row < 0) first_row = i;
    all.insert(all.end(), changes->begin(), changes->end());
  }
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].component, 1u);
  EXPECT_TRUE(all[0].is_alarm);
  EXPECT_GT(all[0].sigma, 5.0);
  EXPECT_LT(first_row, 750) << "before it is 15 % louder";
}

TEST(PeerWatch, AnAlarmEndsWhenItsCauseGoes) {
  Shaft shaft(2);
  PeerWatch watch = watch_of(4);
  std::vector<PeerChange> all;
  for (int i = 0; i < 900; ++i) {
    const auto changes = watch.update(shaft.row(i >= 400 && i < 500 ? 0.4 : 0.0));
    ASSERT_TRUE(changes);
    all.insert(all.end(), changes->begin(), changes->end());
  }
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].is_alarm);
  EXPECT_FALSE(all[1].is_alarm);
}

TEST(PeerWatch, AMachineThatIsOffTeachesAndTellsNothing) {
  Shaft shaft(3);
  PeerWatch watch = watch_of(4);
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(watch.update(shaft.row())->empty());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(watch.update(std::vector<double>{0.001, 0.003, 0.0, 0.002})->empty());
  }
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(watch.update(shaft.row())->empty());
}

TEST(PeerWatch, RefusesWhatItCannotUse) {
  EXPECT_EQ(PeerWatch::create(2, 200).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(PeerWatch::create(4, 10).error().code, ErrorCode::kInvalidArgument);
  PeerWatch watch = watch_of(3);
  EXPECT_EQ(watch.update(std::vector<double>{1, 2}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(watch.update(std::vector<double>{1, 2, -1}));
  EXPECT_FALSE(watch.update(std::vector<double>{1, 2, std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_TRUE(watch.is_learning());
  // Constant levels: no scatter to divide by, and no alarm.
  for (std::size_t i = 0; i < 2 * kReference; ++i) {
    EXPECT_TRUE(watch.update(std::vector<double>{1, 2, 3})->empty());
  }
}

}  // namespace
}  // namespace millwright::ml

#include <gtest/gtest.h>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::AnalyticsFixture;

class PredictionFieldsTest : public ::testing::Test {
 protected:
  /// A life foretold on 1 June 2026 at 12:00 UTC.
  void foretell(const std::string& unit, std::optional<double> value, std::optional<double> lower) {
    const Prediction prediction{testing::device("000001"),
                                *Path::parse("conveyor.motor1"),
                                PredictionKind::kRemainingUsefulLife,
                                "life",
                                "1",
                                from_us(1'780'315'200'000'000),
                                {},
                                {},
                                value,
                                lower,
                                {},
                                unit,
                                "wear"};
    ASSERT_TRUE(factory.directory.open_for_service(testing::tenant("100000"))
                    .value()
                    ->catalog()
                    .put_prediction(prediction));
  }
  json ask(const std::string& more) {
    return json::parse(
        factory.service
            .execute(factory.viewer(),
                     {"{ predictions(tenantIdentifier: \"100000\", deviceIdentifier: \"000001\"" +
                          more + ") { state orderBy orderByLocal } }",
                      std::nullopt, nullptr})
            .body);
  }
  /// The factory has a fault class as well: it has no state.
  static json life(const json& answer) {
    for (const json& one : answer["data"]["predictions"]) {
      if (!one["state"].is_null()) return one;
      EXPECT_TRUE(one["orderBy"].is_null());
    }
    return {};
  }
  json order_by(const std::string& more) {
    const json answer = ask(more);
    EXPECT_FALSE(answer.contains("errors")) << answer.dump();
    return life(answer)["orderBy"];
  }

  AnalyticsFixture factory;
};

TEST_F(PredictionFieldsTest, OrderByIsTheLowerBoundLessTheLeadTime) {
  foretell("h", 480, 240);
  EXPECT_EQ(order_by(", leadTimeDays: 3"), "2026-06-08T12:00:00Z");
  EXPECT_EQ(life(ask(", leadTimeDays: 3"))["orderByLocal"], "2026-06-08T14:00:00");
  EXPECT_EQ(order_by(", leadTimeDays: 14.5"), "2026-05-28T00:00:00Z");  // at once
  EXPECT_EQ(order_by(""), nullptr);
}

TEST_F(PredictionFieldsTest, CyclesBecomeDaysByWhatADayBrings) {
  foretell("cycles", std::nullopt, 100);  // more than 100
  EXPECT_EQ(order_by(", leadTimeDays: 1"), nullptr);
  EXPECT_EQ(order_by(", leadTimeDays: 1, unitsPerDay: 50"), "2026-06-02T12:00:00Z");
}

TEST_F(PredictionFieldsTest, WithoutALowerBoundThatSaysSomethingThereIsNoDate) {
  foretell("h", std::nullopt, std::nullopt);
  EXPECT_EQ(order_by(", leadTimeDays: 1"), nullptr);
  foretell("h", 1, 1e300);
  EXPECT_EQ(order_by(", leadTimeDays: 1"), nullptr);
}

TEST_F(PredictionFieldsTest, NumbersOutOfRangeAreRefusedByName) {
  foretell("h", 2, 1);
  for (const char* more :
       {", leadTimeDays: -1", ", leadTimeDays: 1e9", ", leadTimeDays: 1, unitsPerDay: 0"}) {
    const json answer = ask(more);
    EXPECT_EQ(answer.value("/errors/0/extensions/code"_json_pointer, ""), "invalid_argument")
        << more;
  }
}

}  // namespace
}  // namespace millwright

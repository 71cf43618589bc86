#pragma once
/// The contract of TenantCatalog's predictions. Include in one test file of an adapter and
/// instantiate.

#include <limits>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class PredictionContract : public StoreContract {
 protected:
  static constexpr std::int64_t kHourUs = 3'600'000'000;

  void SetUp() override {
    StoreContract::SetUp();
    if (store_) add_devices({"000001", "000002"});
  }
  static Prediction make_life(std::int64_t at_us, double value, std::string_view path = "line.a",
                              std::string_view device = "000001") {
    Prediction life{device_id(device),
                    path_of(path),
                    PredictionKind::kRemainingUsefulLife,
                    "rul",
                    "1",
                    from_us(at_us),
                    {},
                    {},
                    value,
                    {},
                    {},
                    "h",
                    "trend"};
    return life;
  }
  std::vector<Prediction> newest(std::string_view device = "000001") {
    return *catalog().predictions(device_id(device), path_of(""));
  }
  /// Values of the history, newest first.
  std::vector<double> history(std::string_view path = "", TimeRange range = kEver,
                              std::size_t limit = 10'000, std::string_view device = "000001") {
    std::vector<double> out;
    const auto found = *catalog().prediction_history(
        device_id(device), path_of(path), PredictionKind::kRemainingUsefulLife, range, limit);
    for (const Prediction& prediction : found) out.push_back(*prediction.value);
    return out;
  }
};

TEST_P(PredictionContract, WhyThereIsNoLifeIsKept) {
  Prediction life = make_life(7, 1);
  life.value.reset();
  life.reason = "seen for 20 min so far";
  for (const NoLife why : {NoLife::kPending, NoLife::kError, NoLife::kNotApplicable}) {
    life.no_life = why;
    ASSERT_TRUE(catalog().put_prediction(life));
    reopen();
    ASSERT_EQ(newest().size(), 1u);
    EXPECT_EQ(newest()[0].no_life, why);
    EXPECT_EQ(newest()[0].value, std::nullopt);
  }
}

TEST_P(PredictionContract, ARemovedPredictionIsGoneAndItsHistoryStays) {
  ASSERT_TRUE(catalog().put_prediction(make_life(1, 10)));
  ASSERT_TRUE(catalog().put_prediction(make_life(1, 20, "line.b")));
  const auto remove = [&](std::string_view path) {
    return catalog().remove_prediction(device_id("000001"), path_of(path),
                                       PredictionKind::kRemainingUsefulLife, "rul");
  };
  EXPECT_TRUE(remove("line"));  // not its subtree
  EXPECT_EQ(newest().size(), 2u);
  EXPECT_TRUE(remove("line.a"));
  EXPECT_TRUE(remove("line.a"));
  reopen();
  ASSERT_EQ(newest().size(), 1u);
  EXPECT_EQ(newest()[0].path, path_of("line.b"));
  EXPECT_EQ(history(), (std::vector<double>{10, 20}));
}

TEST_P(PredictionContract, TheFirstOfEachHourIsKeptAsItWas) {
  Prediction first = make_life(kHourUs + 5, 100);
  first.lower = 1.0 / 3.0;
  first.upper = 1e308;
  first.version = "17";
  first.no_life = NoLife::kPending;
  ASSERT_TRUE(catalog().put_prediction(first));
  ASSERT_TRUE(catalog().put_prediction(make_life(2 * kHourUs - 1, 99)));
  ASSERT_TRUE(catalog().put_prediction(make_life(2 * kHourUs, 98)));
  ASSERT_TRUE(catalog().put_prediction(make_life(-1, 101)));  // the clock was wrong
  reopen();
  EXPECT_EQ(history(), (std::vector<double>{98, 100, 101}));
  EXPECT_EQ(newest()[0].value, 101);
  const auto kept = catalog().prediction_history(device_id("000001"), path_of(""),
                                                 PredictionKind::kRemainingUsefulLife,
                                                 {kHourUs, kHourUs + 6}, 10);
  ASSERT_EQ(kept->size(), 1u);
  const Prediction& same = kept->front();
  EXPECT_EQ(same.device, first.device);
  EXPECT_EQ(same.path, first.path);
  EXPECT_EQ(same.kind, first.kind);
  EXPECT_EQ(same.model, "rul");
  EXPECT_EQ(same.version, "17");
  EXPECT_EQ(same.at, first.at);
  EXPECT_EQ(same.lower, first.lower);
  EXPECT_EQ(same.upper, first.upper);
  EXPECT_EQ(same.unit, "h");
  EXPECT_EQ(same.reason, "trend");
  EXPECT_EQ(same.no_life, NoLife::kPending);
}

TEST_P(PredictionContract, TheHistoryIsAskedForByPathKindTimeAndLimit) {
  for (int hour = 0; hour < 4; ++hour) {
    ASSERT_TRUE(catalog().put_prediction(make_life(hour * kHourUs, hour)));
  }
  ASSERT_TRUE(catalog().put_prediction(make_life(9 * kHourUs, 9, "line2")));
  Prediction fault = make_life(5 * kHourUs, 5);
  fault.kind = PredictionKind::kFaultClass;
  fault.predicted = "worn";
  ASSERT_TRUE(catalog().put_prediction(fault));
  EXPECT_EQ(history(), (std::vector<double>{9, 3, 2, 1, 0}));
  EXPECT_EQ(history("line"), (std::vector<double>{3, 2, 1, 0}));
  EXPECT_EQ(history("line", {kHourUs, 3 * kHourUs}), (std::vector<double>{2, 1}));
  EXPECT_EQ(history("line", kEver, 1), (std::vector<double>{3}));
  EXPECT_EQ(history("", kEver, std::numeric_limits<std::size_t>::max()).size(), 5u);
  EXPECT_TRUE(history("", kEver, 10, "000002").empty());
  const auto faults = *catalog().prediction_history(device_id("000001"), path_of(""),
                                                    PredictionKind::kFaultClass, kEver, 10);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].predicted, "worn");
}

TEST_P(PredictionContract, WhatIsTooOldIsForgottenOfThatModelOnly) {
  const std::int64_t span_us = std::chrono::microseconds(kPredictionHistory).count();
  ASSERT_TRUE(catalog().put_prediction(make_life(0, 1)));
  ASSERT_TRUE(catalog().put_prediction(make_life(kHourUs, 2)));
  ASSERT_TRUE(catalog().put_prediction(make_life(0, 3, "other")));
  ASSERT_TRUE(catalog().put_prediction(make_life(span_us, 4)));
  EXPECT_EQ(history(), (std::vector<double>{4, 2, 1, 3}));
  ASSERT_TRUE(catalog().put_prediction(make_life(span_us + kHourUs, 5)));
  EXPECT_EQ(history(), (std::vector<double>{5, 4, 2, 3}));
}

TEST_P(PredictionContract, RemovingADeviceTakesItsHistoryOnly) {
  ASSERT_TRUE(catalog().put_prediction(make_life(0, 1)));
  ASSERT_TRUE(catalog().put_prediction(make_life(0, 2, "", "000002")));
  ASSERT_TRUE(catalog().remove_device(device_id("000001")));
  ASSERT_TRUE(catalog().add_device({device_id("000001"), "", "UTC", {}, {}, "", "", {}, {}, {}}));
  EXPECT_TRUE(history().empty());
  EXPECT_EQ(history("", kEver, 10, "000002"), std::vector<double>{2});
  EXPECT_EQ(code_of(catalog().put_prediction(make_life(0, 1, "", "000009"))), ErrorCode::kNotFound);
}

}  // namespace millwright::testing

#pragma once
/// The contract of TenantCatalog's degradation limits. Include in one test file of an adapter and
/// instantiate.

#include <limits>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class LimitContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    if (store_) add_devices({"000001", "000002"});
  }
  static DegradationLimit make_limit(std::string_view path, std::string_view metric,
                                     LimitSide side = LimitSide::kAbove,
                                     std::string_view device = "000001") {
    return {0,          {device_id(device), path_of(path), *MetricId::parse(metric)},
            7.1,        side,
            "ann",      "why",
            from_us(99)};
  }
  std::vector<DegradationLimit> stored() { return *catalog().degradation_limits(); }
};

TEST_P(LimitContract, ALimitIsKeptAsItIs) {
  DegradationLimit limit = make_limit("line.motor1", "vibration.x-axis", LimitSide::kBelow);
  limit.value = -1.0 / 3.0;
  limit.author = "Zoë";
  limit.note = std::string("ISO 20816-3\n") + '\'' + "); DROP TABLE degradation_limits; --";
  const std::int64_t id = *catalog().create_degradation_limit(limit);
  EXPECT_GT(id, 0);
  reopen();
  const auto found = stored();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, id);
  EXPECT_EQ(found[0].key, limit.key);
  EXPECT_EQ(found[0].value, limit.value);
  EXPECT_EQ(found[0].side, LimitSide::kBelow);
  EXPECT_EQ(found[0].author, "Zoë");
  EXPECT_EQ(found[0].note, limit.note);
  EXPECT_EQ(found[0].created_at, from_us(99));
}

TEST_P(LimitContract, AMetricHasOneLimitASide) {
  const std::int64_t first = *catalog().create_degradation_limit(make_limit("a", "t"));
  DegradationLimit again = make_limit("a", "t");
  again.value = 8;
  const auto refused = catalog().create_degradation_limit(again);
  ASSERT_EQ(code_of(refused), ErrorCode::kAlreadyExists);
  EXPECT_EQ(refused.error().message,
            "metric 't' at path 'a' has a limit above already; delete that one first");
  again.side = LimitSide::kBelow;
  again.id = first;
  EXPECT_GT(*catalog().create_degradation_limit(again), first);
  const auto found = stored();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].value, 7.1);
  EXPECT_EQ(found[1].value, 8);
}

TEST_P(LimitContract, WhatIsNoLimitIsRefusedAndNothingIsStored) {
  DegradationLimit infinite = make_limit("a", "t");
  infinite.value = std::numeric_limits<double>::infinity();
  DegradationLimit talkative = make_limit("a", "t");
  talkative.note = std::string(1'001, 'n');
  for (const DegradationLimit& limit : {infinite, talkative}) {
    EXPECT_EQ(code_of(catalog().create_degradation_limit(limit)), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(code_of(catalog().create_degradation_limit(
                make_limit("a", "t", LimitSide::kAbove, "000009"))),
            ErrorCode::kNotFound);
  EXPECT_TRUE(stored().empty());
}

TEST_P(LimitContract, AllOfTheTenantComeInOrder) {
  for (const DegradationLimit& limit :
       {make_limit("b", "t"), make_limit("a", "t", LimitSide::kBelow), make_limit("a", "t"),
        make_limit("a", "s"), make_limit("", "z", LimitSide::kAbove, "000002"),
        make_limit("", "z")}) {
    ASSERT_TRUE(catalog().create_degradation_limit(limit));
  }
  std::vector<std::string> order;
  for (const DegradationLimit& limit : stored()) {
    order.push_back(limit.key.device.str() + ":" + limit.key.path.str() + ":" + model_name(limit));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"000001::limit above z", "000001:a:limit above s",
                                             "000001:a:limit above t", "000001:a:limit below t",
                                             "000001:b:limit above t", "000002::limit above z"}));
}

TEST_P(LimitContract, ADeletedLimitIsGoneAndItsIdIsNotGivenAgain) {
  const std::int64_t kept = *catalog().create_degradation_limit(make_limit("", "a"));
  const std::int64_t id = *catalog().create_degradation_limit(make_limit("", "b"));
  const auto deleted = catalog().delete_degradation_limit(id);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->id, id);
  EXPECT_EQ(deleted->key, make_limit("", "b").key);
  const auto again = catalog().delete_degradation_limit(id);
  ASSERT_EQ(code_of(again), ErrorCode::kNotFound);
  EXPECT_EQ(again.error().message, "degradation limit " + std::to_string(id) +
                                       " does not exist; list the limits to see which do");
  reopen();
  ASSERT_EQ(stored().size(), 1u);
  EXPECT_EQ(stored()[0].id, kept);
  EXPECT_GT(*catalog().create_degradation_limit(make_limit("", "b")), id);
}

TEST_P(LimitContract, RemovingADeviceTakesItsLimitsOnly) {
  ASSERT_TRUE(catalog().create_degradation_limit(make_limit("", "t")));
  ASSERT_TRUE(catalog().create_degradation_limit(make_limit("", "t", LimitSide::kAbove, "000002")));
  ASSERT_TRUE(catalog().remove_device(device_id("000001")));
  ASSERT_EQ(stored().size(), 1u);
  EXPECT_EQ(stored()[0].key.device, device_id("000002"));
}

}  // namespace millwright::testing

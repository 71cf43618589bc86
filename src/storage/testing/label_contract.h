#pragma once
/// The contract of TenantCatalog's labels. Include in one test file of an adapter and instantiate.

#include <limits>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class LabelContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    if (store_) add_devices({"000001", "000002"});
  }
  static Label make_label(std::string_view path, int start, std::optional<int> end = std::nullopt,
                          std::string class_name = "service") {
    Label label{0,  device_id("000001"), path_of(path), std::nullopt, std::move(class_name), "ann",
                "", from_us(start),      std::nullopt,  from_us(99)};
    if (end) label.end = from_us(*end);
    return label;
  }
  std::vector<Label> stored(std::string_view device = "000001") {
    return *catalog().labels(device_id(device), path_of(""), kEver, "", 100);
  }
  using Starts = std::vector<std::int64_t>;
  Starts starts(std::string_view path, TimeRange range, std::string_view class_name = "",
                std::size_t limit = 100) {
    Starts out;
    const auto found =
        *catalog().labels(device_id("000001"), path_of(path), range, class_name, limit);
    for (const Label& label : found) out.push_back(to_us(label.start));
    return out;
  }
};

TEST_P(LabelContract, ALabelIsKeptAsItIs) {
  Label label = make_label("line.motor1", -7, 20, "gear_tooth_broken");
  label.metric = *MetricId::parse("vibration.x-axis");
  label.author = "Zoë";
  label.note = std::string("tooth 7\nseen at 60 °C; ") + '\'' + "); DROP TABLE labels; --";
  const std::int64_t id = *catalog().create_label(label);
  EXPECT_GT(id, 0);
  reopen();
  const auto found = stored();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, id);
  EXPECT_EQ(found[0].device, label.device);
  EXPECT_EQ(found[0].path, label.path);
  EXPECT_EQ(found[0].metric, label.metric);
  EXPECT_EQ(found[0].class_name, "gear_tooth_broken");
  EXPECT_EQ(found[0].author, "Zoë");
  EXPECT_EQ(found[0].note, label.note);
  EXPECT_EQ(found[0].start, from_us(-7));
  EXPECT_EQ(found[0].end, from_us(20));
  EXPECT_EQ(found[0].created_at, from_us(99));
}

TEST_P(LabelContract, MetricNoteAndEndMayBeMissing) {
  ASSERT_TRUE(catalog().create_label(make_label("", 10)));
  const auto found = stored();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, path_of(""));
  EXPECT_EQ(found[0].metric, std::nullopt);
  EXPECT_EQ(found[0].note, "");
  EXPECT_EQ(found[0].end, std::nullopt);
}

TEST_P(LabelContract, SameSpansAreLabelsOfTheirOwn) {
  const std::int64_t first = *catalog().create_label(make_label("a", 10, 20));
  Label again = make_label("a", 10, 20);
  again.id = first;
  EXPECT_GT(*catalog().create_label(again), first);
  EXPECT_EQ(stored().size(), 2u);
}

TEST_P(LabelContract, WhatIsNoLabelIsRefusedAndNothingIsStored) {
  std::vector<Label> bad = {make_label("", 10, 10), make_label("", 10, 9),
                            make_label("", 10, 20, ""), make_label("", 10, 20, "two words"),
                            make_label("", 10, 20, std::string(65, 'a'))};
  bad.push_back(make_label("", 10));
  bad.back().note = "\xff";
  bad.push_back(make_label("", 10));
  bad.back().note = std::string(1'001, 'n');
  for (const Label& label : bad) {
    EXPECT_EQ(code_of(catalog().create_label(label)), ErrorCode::kInvalidArgument)
        << label.class_name;
  }
  EXPECT_TRUE(stored().empty());
}

TEST_P(LabelContract, ALabelOfAnUnknownDeviceIsNotFound) {
  Label label = make_label("", 10);
  label.device = device_id("000009");
  EXPECT_EQ(code_of(catalog().create_label(label)), ErrorCode::kNotFound);
  EXPECT_TRUE(stored("000009").empty());
}

TEST_P(LabelContract, ThoseThatOverlapTheRangeComeNewestFirst) {
  for (const Label& label : {make_label("line.a", 10, 20), make_label("line.a", 40),
                             make_label("other", 15, 16), make_label("", 60, 61)}) {
    ASSERT_TRUE(catalog().create_label(label));
  }
  EXPECT_EQ(starts("", kEver), (Starts{60, 40, 15, 10}));
  EXPECT_EQ(starts("", {20, 40}), Starts{10});
  EXPECT_EQ(starts("", {21, 40}), Starts{});
  EXPECT_EQ(starts("", {62, 63}), Starts{40});
  EXPECT_EQ(starts("", kEver, "", 2), (Starts{60, 40}));
  EXPECT_EQ(starts("", kEver, "", std::numeric_limits<std::size_t>::max()).size(), 4u);
}

TEST_P(LabelContract, OfOneStartTheLastMadeComesFirst) {
  const std::int64_t first = *catalog().create_label(make_label("", 10, 20));
  const std::int64_t second = *catalog().create_label(make_label("", 10, 20));
  const auto found = stored();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, second);
  EXPECT_EQ(found[1].id, first);
}

TEST_P(LabelContract, APathMeansItsSubtree) {
  int start = 1;
  for (const char* path : {"line2", "line.b", "line", "line.a", "lin", "", "line_1"}) {
    ASSERT_TRUE(catalog().create_label(make_label(path, start++)));
  }
  EXPECT_EQ(starts("line", kEver), (Starts{4, 3, 2}));
  EXPECT_EQ(starts("line.a", kEver), Starts{4});
  EXPECT_EQ(starts("", kEver).size(), 7u);
  EXPECT_EQ(starts("nowhere", kEver), Starts{});
}

TEST_P(LabelContract, AClassIsAskedForExactly) {
  ASSERT_TRUE(catalog().create_label(make_label("", 1, 5, "service")));
  ASSERT_TRUE(catalog().create_label(make_label("", 2, 5, "service.oil")));
  ASSERT_TRUE(catalog().create_label(make_label("", 3, 5, "Service")));
  EXPECT_EQ(starts("", kEver, "service"), Starts{1});
  EXPECT_EQ(starts("", kEver, "serv%"), Starts{});
}

TEST_P(LabelContract, ADeletedLabelIsGoneAndItsIdIsNotGivenAgain) {
  const std::int64_t kept = *catalog().create_label(make_label("", 1));
  const std::int64_t id = *catalog().create_label(make_label("", 2));
  ASSERT_TRUE(catalog().delete_label(id));
  const auto again = catalog().delete_label(id);
  ASSERT_EQ(code_of(again), ErrorCode::kNotFound);
  EXPECT_EQ(again.error().message,
            "label " + std::to_string(id) + " does not exist; list the labels to see which do");
  EXPECT_EQ(code_of(catalog().delete_label(-1)), ErrorCode::kNotFound);
  reopen();
  ASSERT_EQ(stored().size(), 1u);
  EXPECT_EQ(stored()[0].id, kept);
  EXPECT_GT(*catalog().create_label(make_label("", 3)), id);
}

TEST_P(LabelContract, RemovingADeviceTakesItsLabelsOnly) {
  Label other = make_label("", 5);
  other.device = device_id("000002");
  ASSERT_TRUE(catalog().create_label(other));
  const std::int64_t id = *catalog().create_label(make_label("", 5));
  ASSERT_TRUE(catalog().remove_device(device_id("000001")));
  ASSERT_TRUE(catalog().add_device({device_id("000001"), "", "UTC", {}, {}, "", "", {}, {}, {}}));
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(code_of(catalog().delete_label(id)), ErrorCode::kNotFound);
  EXPECT_EQ(stored("000002").size(), 1u);
}

}  // namespace millwright::testing

#pragma once
/// The contract of TenantCatalog. Include in one test file of an adapter and instantiate.

#include <thread>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class TenantCatalogContract : public StoreContract {
 protected:
  static Device make_device(std::string_view id) {
    return {device_id(id), "Press", "Europe/Zurich",        8.5,          std::nullopt,
            "Zürich",      "CH",    DeviceStatus::kUnknown, std::nullopt, from_us(1'000)};
  }
  static Anomaly make_anomaly(SeriesId series, const MetricKey& place, int start,
                              std::optional<int> end = std::nullopt) {
    Anomaly anomaly{0, series, place, "point", from_us(start), std::nullopt, 4.5, "rises by 2 °C"};
    if (end) anomaly.end = from_us(*end);
    return anomaly;
  }
  static Prediction make_prediction(std::string_view device, std::string_view path,
                                    PredictionKind kind, std::string model) {
    return {device_id(device),
            path_of(path),
            kind,
            std::move(model),
            "1",
            from_us(5),
            std::nullopt,
            std::nullopt,
            std::nullopt,
            std::nullopt,
            std::nullopt,
            "",
            ""};
  }
  static MetricKey key(std::string_view device, std::string_view path, std::string_view metric) {
    return {device_id(device), path_of(path), *MetricId::parse(metric)};
  }
  SeriesId add_metric(std::string_view device, std::string_view path, std::string_view metric) {
    return catalog()
        .resolve_metric(key(device, path, metric), "", "", MetricType::kNumericScalar)
        ->series;
  }
  std::vector<std::string> metric_names(std::string_view device, std::string_view path) {
    std::vector<std::string> out;
    const auto found = *catalog().metrics(device_id(device), path_of(path));
    for (const Metric& m : found) {
      out.push_back(m.key.path.str() + ":" + m.key.metric.str());
    }
    return out;
  }
};

// Devices -----------------------------------------------------------------------------------------

TEST_P(TenantCatalogContract, ADeviceIsKeptAsItIs) {
  Device device = make_device("000001");
  device.description = std::string("line\n") + '\'' + "; DROP TABLE devices; --";
  device.status = DeviceStatus::kError;
  device.latest_activity = from_us(5'000);
  ASSERT_TRUE(catalog().add_device(device));
  reopen();
  const Device stored = *catalog().device(device.id);
  EXPECT_EQ(stored.id, device.id);
  EXPECT_EQ(stored.description, device.description);
  EXPECT_EQ(stored.timezone, "Europe/Zurich");
  EXPECT_EQ(stored.longitude_deg, 8.5);
  EXPECT_EQ(stored.latitude_deg, std::nullopt);
  EXPECT_EQ(stored.city, "Zürich");
  EXPECT_EQ(stored.country, "CH");
  EXPECT_EQ(stored.status, DeviceStatus::kError);
  EXPECT_EQ(stored.latest_activity, from_us(5'000));
  EXPECT_EQ(stored.registered_at, from_us(1'000));
}

TEST_P(TenantCatalogContract, AKnownDeviceIsNotAddedAgain) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_EQ(code_of(catalog().add_device(make_device("000001"))), ErrorCode::kAlreadyExists);
}

TEST_P(TenantCatalogContract, AnUnknownDeviceIsNotFoundAnywhere) {
  const DeviceId id = device_id("000009");
  const auto device = catalog().device(id);
  ASSERT_EQ(code_of(device), ErrorCode::kNotFound);
  EXPECT_EQ(device.error().message, "device '000009' does not exist; register it first");
  EXPECT_EQ(code_of(catalog().update_device(make_device("000009"))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().remove_device(id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().set_status(id, DeviceStatus::kOnline, from_us(1), true)),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().record_activity(id, from_us(1))), ErrorCode::kNotFound);
  EXPECT_EQ(
      code_of(catalog().resolve_metric(key("000009", "", "t"), "", "", MetricType::kNumericScalar)),
      ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().append_event({0, id, "gap", "", from_us(1)})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().put_prediction(
                make_prediction(id.str(), "a", PredictionKind::kFaultClass, "gear"))),
            ErrorCode::kNotFound);
  EXPECT_TRUE(catalog().metrics(id, path_of(""))->empty());
  EXPECT_TRUE(catalog().events(id, kEver, 10)->empty());
}

TEST_P(TenantCatalogContract, DevicesAreOrderedByIdentifier) {
  for (const char* id : {"000003", "000001", "A00001"}) {
    ASSERT_TRUE(catalog().add_device(make_device(id)));
  }
  const auto devices = *catalog().devices();
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[0].id.str(), "000001");
  EXPECT_EQ(devices[1].id.str(), "000003");
  EXPECT_EQ(devices[2].id.str(), "A00001");
}

TEST_P(TenantCatalogContract, AnUpdateKeepsStatusAndTimes) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  ASSERT_TRUE(
      catalog().set_status(device_id("000001"), DeviceStatus::kOnline, from_us(7'000), true));
  Device changed = make_device("000001");
  changed.description = "Lathe";
  changed.timezone = "UTC";
  changed.longitude_deg = std::nullopt;
  changed.latitude_deg = -3.25;
  changed.city = changed.country = "";
  changed.registered_at = from_us(99);
  ASSERT_TRUE(catalog().update_device(changed));
  const Device stored = *catalog().device(device_id("000001"));
  EXPECT_EQ(stored.description, "Lathe");
  EXPECT_EQ(stored.timezone, "UTC");
  EXPECT_EQ(stored.longitude_deg, std::nullopt);
  EXPECT_EQ(stored.latitude_deg, -3.25);
  EXPECT_EQ(stored.city, "");
  EXPECT_EQ(stored.status, DeviceStatus::kOnline);
  EXPECT_EQ(stored.latest_activity, from_us(7'000));
  EXPECT_EQ(stored.registered_at, from_us(1'000));
}

TEST_P(TenantCatalogContract, AStatusAnswersTheOneBeforeAndActivityNeverGoesBack) {
  const DeviceId id = device_id("000001");
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_EQ(*catalog().set_status(id, DeviceStatus::kOnline, from_us(50), true),
            DeviceStatus::kUnknown);
  EXPECT_EQ(*catalog().set_status(id, DeviceStatus::kOffline, from_us(90), false),
            DeviceStatus::kOnline);
  EXPECT_EQ(catalog().device(id)->latest_activity, from_us(50));
  ASSERT_TRUE(catalog().set_status(id, DeviceStatus::kOnline, from_us(40), true));
  EXPECT_EQ(catalog().device(id)->latest_activity, from_us(50));
  ASSERT_TRUE(catalog().record_activity(id, from_us(70)));
  ASSERT_TRUE(catalog().record_activity(id, from_us(60)));
  EXPECT_EQ(catalog().device(id)->latest_activity, from_us(70));
  EXPECT_EQ(catalog().device(id)->status, DeviceStatus::kOnline);
}

TEST_P(TenantCatalogContract, RemovingADeviceTakesAllItsOwnAndItsSeriesAreNeverGivenAgain) {
  const DeviceId id = device_id("000001");
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  ASSERT_TRUE(catalog().add_device(make_device("000002")));
  const SeriesId kept = add_metric("000002", "", "t");
  const SeriesId first = add_metric("000001", "a", "t");
  const SeriesId second = add_metric("000001", "b", "t");
  ASSERT_TRUE(catalog().append_event({0, id, "registered", "", from_us(1)}));
  ASSERT_TRUE(catalog().put_anomaly(make_anomaly(first, key("000001", "a", "t"), 1)));
  ASSERT_TRUE(catalog().put_prediction(
      make_prediction(id.str(), "a", PredictionKind::kFaultClass, "gear")));

  EXPECT_EQ(*catalog().remove_device(id), (std::vector{first, second}));
  EXPECT_EQ(code_of(catalog().device(id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().metric(first)), ErrorCode::kNotFound);
  reopen();
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_TRUE(catalog().metrics(id, path_of(""))->empty());
  EXPECT_TRUE(catalog().events(id, kEver, 10)->empty());
  EXPECT_TRUE(catalog().anomalies(id, path_of(""), kEver, 10)->empty());
  EXPECT_TRUE(catalog().predictions(id, path_of(""))->empty());
  EXPECT_GT(add_metric("000001", "a", "t"), second);
  EXPECT_EQ(catalog().metric(kept)->key, key("000002", "", "t"));
}

// Metrics -----------------------------------------------------------------------------------------

TEST_P(TenantCatalogContract, AMetricIsCreatedOnceAndFoundAgain) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const MetricKey place = key("000001", "line.motor1", "vibration.x-axis");
  const Metric made = *catalog().resolve_metric(place, "m/s2", "X", MetricType::kWaveform);
  EXPECT_EQ(made.key, place);
  EXPECT_EQ(made.unit, "m/s2");
  EXPECT_EQ(made.display_name, "X");
  EXPECT_EQ(made.type, MetricType::kWaveform);
  reopen();
  const Metric again = *catalog().resolve_metric(place, "", "", MetricType::kWaveform);
  EXPECT_EQ(again.series, made.series);
  EXPECT_EQ(again.unit, "m/s2");
  EXPECT_EQ(again.display_name, "X");
  EXPECT_EQ(catalog().metric(made.series)->key, place);
  EXPECT_EQ(catalog().metric(made.series)->type, MetricType::kWaveform);
}

TEST_P(TenantCatalogContract, ANonEmptyUnitOrNameReplacesTheStoredOne) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const MetricKey place = key("000001", "", "t");
  ASSERT_TRUE(catalog().resolve_metric(place, "C", "Temp", MetricType::kNumericScalar));
  EXPECT_EQ(catalog().resolve_metric(place, "K", "", MetricType::kNumericScalar)->unit, "K");
  const Metric renamed =
      *catalog().resolve_metric(place, "", "Temperature", MetricType::kNumericScalar);
  EXPECT_EQ(renamed.unit, "K");
  EXPECT_EQ(catalog().metric(renamed.series)->display_name, "Temperature");
}

TEST_P(TenantCatalogContract, AnotherTypeIsRefused) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  add_metric("000001", "a", "t");
  const auto refused =
      catalog().resolve_metric(key("000001", "a", "t"), "X", "", MetricType::kWaveform);
  ASSERT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_NE(refused.error().message.find("NUMERIC_SCALAR"), std::string::npos);
  EXPECT_EQ((*catalog().metrics(device_id("000001"), path_of("")))[0].unit, "");
}

TEST_P(TenantCatalogContract, TheSameIdentifierElsewhereIsAnotherMetric) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_NE(add_metric("000001", "a", "t"), add_metric("000001", "b", "t"));
}

TEST_P(TenantCatalogContract, MetricsOfASubtreeAreOrderedByPathAndIdentifier) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  ASSERT_TRUE(catalog().add_device(make_device("000002")));
  for (const char* path : {"line2", "line.b", "line", "line.a", "lin", ""}) {
    add_metric("000001", path, "t");
  }
  add_metric("000001", "line", "a");
  add_metric("000002", "line", "z");
  EXPECT_EQ(metric_names("000001", "line"),
            (std::vector<std::string>{"line:a", "line:t", "line.a:t", "line.b:t"}));
  EXPECT_EQ(metric_names("000001", "line.a"), std::vector<std::string>{"line.a:t"});
  EXPECT_EQ(metric_names("000001", "").size(), 7u);
  EXPECT_EQ(metric_names("000001", "").front(), ":t");
  EXPECT_TRUE(metric_names("000001", "nowhere").empty());
}

TEST_P(TenantCatalogContract, AListOfMetricsFollowsEveryChange) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_TRUE(metric_names("000001", "").empty());
  add_metric("000001", "line", "t");
  EXPECT_EQ(metric_names("000001", ""), std::vector<std::string>{"line:t"});
  ASSERT_TRUE(catalog().resolve_metric(key("000001", "line", "t"), "K", "Temperature",
                                       MetricType::kNumericScalar));
  EXPECT_EQ((*catalog().metrics(device_id("000001"), path_of("line")))[0].unit, "K");
  ASSERT_TRUE(catalog().remove_device(device_id("000001")));
  EXPECT_TRUE(metric_names("000001", "").empty());
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  EXPECT_TRUE(metric_names("000001", "").empty());
}

TEST_P(TenantCatalogContract, ManyThreadsResolveOneMetricToOneSeries) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  std::vector<SeriesId> found(4);
  {
    std::vector<std::jthread> threads;
    for (SeriesId& series : found) {
      threads.emplace_back([&] { series = add_metric("000001", "a", "t"); });
    }
  }
  for (const SeriesId series : found) EXPECT_EQ(series, found[0]);
}

// Events, anomalies, predictions ------------------------------------------------------------------

TEST_P(TenantCatalogContract, EventsComeNewestFirst) {
  const DeviceId id = device_id("000001");
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  for (const int at : {30, 10, 20, 20}) {
    ASSERT_TRUE(catalog().append_event({0, id, "gap", std::to_string(at), from_us(at)}));
  }
  const auto events = *catalog().events(id, {10, 30}, 10);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].at, from_us(20));
  EXPECT_GT(events[0].id, events[1].id);
  EXPECT_EQ(events[2].message, "10");
  EXPECT_EQ(events[2].kind, "gap");
  EXPECT_EQ(events[2].device, id);
  EXPECT_EQ(catalog().events(id, kEver, 2)->size(), 2u);
  EXPECT_EQ((*catalog().events(id, kEver, 1))[0].at, from_us(30));
}

TEST_P(TenantCatalogContract, AnAnomalyIsReplacedByItsId) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const SeriesId series = add_metric("000001", "line.a", "t");
  Anomaly anomaly = make_anomaly(series, key("000001", "line.a", "t"), 10);
  anomaly.id = *catalog().put_anomaly(anomaly);
  EXPECT_GT(anomaly.id, 0);
  anomaly.end = from_us(20);
  EXPECT_EQ(*catalog().put_anomaly(anomaly), anomaly.id);
  const auto stored = *catalog().anomalies(device_id("000001"), path_of(""), kEver, 10);
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].id, anomaly.id);
  EXPECT_EQ(stored[0].series, series);
  EXPECT_EQ(stored[0].key, anomaly.key);
  EXPECT_EQ(stored[0].kind, "point");
  EXPECT_EQ(stored[0].start, from_us(10));
  EXPECT_EQ(stored[0].end, from_us(20));
  EXPECT_EQ(stored[0].severity, 4.5);
  EXPECT_EQ(stored[0].reason, "rises by 2 °C");
}

TEST_P(TenantCatalogContract, AnAnomalyOfNothingIsNotFound) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const SeriesId series = add_metric("000001", "a", "t");
  EXPECT_EQ(code_of(catalog().put_anomaly(make_anomaly(SeriesId{99}, key("000001", "a", "t"), 1))),
            ErrorCode::kNotFound);
  Anomaly unknown = make_anomaly(series, key("000001", "a", "t"), 1);
  unknown.id = 99;
  EXPECT_EQ(code_of(catalog().put_anomaly(unknown)), ErrorCode::kNotFound);
}

TEST_P(TenantCatalogContract, AnomaliesThatOverlapTheRangeComeNewestFirst) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const SeriesId a = add_metric("000001", "line.a", "t");
  const SeriesId b = add_metric("000001", "other", "t");
  const auto add = [&](SeriesId series, std::string_view path, int start, std::optional<int> end) {
    ASSERT_TRUE(catalog().put_anomaly(make_anomaly(series, key("000001", path, "t"), start, end)));
  };
  add(a, "line.a", 10, 20);
  add(a, "line.a", 40, std::nullopt);
  add(a, "line.a", 60, 60);
  add(b, "other", 15, 16);
  const auto starts = [&](std::string_view path, TimeRange range, std::size_t limit = 10) {
    std::vector<std::int64_t> out;
    const auto found = *catalog().anomalies(device_id("000001"), path_of(path), range, limit);
    for (const Anomaly& each : found) {
      out.push_back(to_us(each.start));
    }
    return out;
  };
  using Starts = std::vector<std::int64_t>;
  EXPECT_EQ(starts("", kEver), (Starts{60, 40, 15, 10}));
  EXPECT_EQ(starts("line", kEver), (Starts{60, 40, 10}));
  EXPECT_EQ(starts("line", {20, 60}), (Starts{40, 10}));
  EXPECT_EQ(starts("line", {60, 61}), (Starts{60, 40}));
  EXPECT_EQ(starts("", {21, 40}), Starts{});
  EXPECT_EQ(starts("", kEver, 2), (Starts{60, 40}));
}

TEST_P(TenantCatalogContract, ThePredictionOfAModelIsReplaced) {
  const DeviceId id = device_id("000001");
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  Prediction fault = make_prediction("000001", "line.a", PredictionKind::kFaultClass, "gear");
  fault.predicted = "chipped_tooth";
  fault.probability = 0.75;
  ASSERT_TRUE(catalog().put_prediction(fault));
  fault.version = "2";
  fault.probability = 0.5;
  ASSERT_TRUE(catalog().put_prediction(fault));
  Prediction life =
      make_prediction("000001", "line.a", PredictionKind::kRemainingUsefulLife, "rul");
  life.value = 120.5;
  life.lower = 100;
  life.upper = 140;
  life.unit = "cycles";
  life.reason = "trend";
  ASSERT_TRUE(catalog().put_prediction(life));

  const auto stored = *catalog().predictions(id, path_of("line"));
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].version, "2");
  EXPECT_EQ(stored[0].predicted, "chipped_tooth");
  EXPECT_EQ(stored[0].probability, 0.5);
  EXPECT_EQ(stored[0].value, std::nullopt);
  EXPECT_EQ(stored[0].at, from_us(5));
  EXPECT_EQ(stored[1].kind, PredictionKind::kRemainingUsefulLife);
  EXPECT_EQ(stored[1].path, path_of("line.a"));
  EXPECT_EQ(stored[1].value, 120.5);
  EXPECT_EQ(stored[1].lower, 100);
  EXPECT_EQ(stored[1].upper, 140);
  EXPECT_EQ(stored[1].unit, "cycles");
  EXPECT_EQ(stored[1].reason, "trend");
  EXPECT_EQ(stored[1].predicted, std::nullopt);
  EXPECT_TRUE(catalog().predictions(id, path_of("other"))->empty());
}

// Retention ---------------------------------------------------------------------------------------

TEST_P(TenantCatalogContract, ARetentionRuleIsReplacedByItsScope) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  const RetentionScope all{std::nullopt, path_of(""), std::nullopt, false};
  const RetentionScope one{device_id("000001"), path_of("line.a"), *MetricId::parse("x-axis"),
                           true};
  EXPECT_TRUE(catalog().retention_rules()->empty());
  ASSERT_TRUE(catalog().put_retention_rule({one, std::chrono::hours(48)}));
  ASSERT_TRUE(catalog().put_retention_rule({all, std::chrono::hours(24)}));
  ASSERT_TRUE(catalog().put_retention_rule({all, std::chrono::hours(0)}));
  reopen();
  const auto stored = *catalog().retention_rules();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].scope, all);
  EXPECT_EQ(stored[0].keep, std::chrono::hours(0));
  EXPECT_EQ(stored[1].scope, one);
  EXPECT_EQ(stored[1].keep, std::chrono::hours(48));
}

TEST_P(TenantCatalogContract, EveryPartOfAScopeTellsRulesApart) {
  ASSERT_TRUE(catalog().add_device(make_device("000001")));
  std::vector<RetentionScope> scopes;
  for (const auto& device : {std::optional<DeviceId>(), std::optional(device_id("000001"))}) {
    for (const char* path : {"", "a"}) {
      for (const auto& metric : {std::optional<MetricId>(), std::optional(*MetricId::parse("m"))}) {
        for (const bool waveforms_only : {false, true}) {
          scopes.push_back({device, path_of(path), metric, waveforms_only});
        }
      }
    }
  }
  for (const auto& scope : scopes) {
    ASSERT_TRUE(catalog().put_retention_rule({scope, std::chrono::hours(1)}));
  }
  const auto stored = *catalog().retention_rules();
  ASSERT_EQ(stored.size(), scopes.size());
  for (std::size_t i = 0; i < scopes.size(); ++i) EXPECT_EQ(stored[i].scope, scopes[i]);
  for (const auto& scope : scopes) ASSERT_TRUE(catalog().remove_retention_rule(scope));
  EXPECT_TRUE(catalog().retention_rules()->empty());
}

TEST_P(TenantCatalogContract, ARetentionRuleOfNothingIsNotFound) {
  const RetentionScope all{std::nullopt, path_of(""), std::nullopt, false};
  const RetentionScope stranger{device_id("000009"), path_of(""), std::nullopt, false};
  EXPECT_EQ(code_of(catalog().remove_retention_rule(all)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(catalog().put_retention_rule({stranger, std::chrono::hours(1)})),
            ErrorCode::kNotFound);
}

TEST_P(TenantCatalogContract, ARemovedDeviceTakesItsRetentionRules) {
  for (const char* id : {"000001", "000002"}) {
    ASSERT_TRUE(catalog().add_device(make_device(id)));
    ASSERT_TRUE(catalog().put_retention_rule(
        {{device_id(id), path_of(""), std::nullopt, false}, std::chrono::hours(1)}));
  }
  ASSERT_TRUE(catalog().remove_device(device_id("000001")));
  const auto stored = *catalog().retention_rules();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].scope.device, device_id("000002"));
}

TEST_P(TenantCatalogContract, StateIsKeptToTheByte) {
  const std::string bytes("\0\xff'a\0", 5);
  EXPECT_EQ(*catalog().state("detector"), std::nullopt);
  ASSERT_TRUE(catalog().put_state("detector", "old"));
  ASSERT_TRUE(catalog().put_state("detector", bytes));
  ASSERT_TRUE(catalog().put_state("empty", ""));
  reopen();
  EXPECT_EQ(*catalog().state("detector"), bytes);
  EXPECT_EQ(*catalog().state("empty"), std::string());
}

}  // namespace millwright::testing

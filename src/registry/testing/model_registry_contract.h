#pragma once
/// The tests that every ModelRegistry passes. An adapter instantiates them with a factory:
///
///   INSTANTIATE_TEST_SUITE_P(Memory, ModelRegistryContract, ::testing::Values(...factory...));

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "registry/model_registry.h"

namespace millwright {

using RegistryFactory = std::function<std::unique_ptr<ModelRegistry>(const Clock& clock)>;

class ModelRegistryContract : public ::testing::TestWithParam<RegistryFactory> {
 protected:
  static std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> out(text.size());
    std::memcpy(out.data(), text.data(), text.size());
    return out;
  }
  static nlohmann::json card() { return {{"data", "simulated"}, {"macro_f1", 0.9}}; }

  ManualClock clock_{from_us(1'700'000'000'000'000)};
  std::unique_ptr<ModelRegistry> registry_ = GetParam()(clock_);
};

TEST_P(ModelRegistryContract, StartsEmpty) {
  EXPECT_TRUE(registry_->names().value().empty());
  EXPECT_EQ(registry_->versions("gear").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->fetch("gear", std::nullopt).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->live("gear").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->promote("gear", 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->rollback("gear").error().code, ErrorCode::kNotFound);
}

TEST_P(ModelRegistryContract, FetchReturnsWhatWasPut) {
  const auto put = registry_->put("gear", std::nullopt, bytes_of("one"), card());
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->version, 1);
  EXPECT_EQ(put->stage, ModelStage::kNone);
  EXPECT_EQ(put->size_bytes, 3u);
  EXPECT_EQ(put->created, clock_.now());
  const auto fetched = registry_->fetch("gear", 1);
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->bytes, bytes_of("one"));
  EXPECT_EQ(fetched->version.hash, model_hash(bytes_of("one")));
  EXPECT_EQ(fetched->version.card, card());
  EXPECT_EQ(fetched->version.created, clock_.now());
}

TEST_P(ModelRegistryContract, VersionsCountUpAndAreListedInOrder) {
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(registry_->put("gear", std::nullopt, bytes_of(text), card()));
  }
  ASSERT_TRUE(registry_->put("turbofan", 12, bytes_of("x"), card()));
  EXPECT_EQ(registry_->put("turbofan", std::nullopt, bytes_of("y"), card())->version, 13);
  EXPECT_EQ(registry_->names().value(), (std::vector<std::string>{"gear", "turbofan"}));
  const auto versions = registry_->versions("gear");
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->size(), 3u);
  EXPECT_EQ((*versions)[2].version, 3);
}

TEST_P(ModelRegistryContract, AVersionNeverChanges) {
  ASSERT_TRUE(registry_->put("gear", 1, bytes_of("one"), card()));
  EXPECT_TRUE(registry_->put("gear", 1, bytes_of("one"), card())) << "same bytes: nothing to do";
  const auto other = registry_->put("gear", 1, bytes_of("other"), card());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(registry_->fetch("gear", 1)->bytes, bytes_of("one"));
}

TEST_P(ModelRegistryContract, PromoteAndRollBack) {
  for (const char* text : {"one", "two"}) {
    ASSERT_TRUE(registry_->put("gear", std::nullopt, bytes_of(text), card()));
  }
  EXPECT_FALSE(registry_->live("gear").value().has_value());
  EXPECT_EQ(registry_->fetch("gear", std::nullopt).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->promote("gear", 1)->stage, ModelStage::kLive);
  EXPECT_EQ(registry_->rollback("gear").error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(registry_->promote("gear", 2));
  EXPECT_EQ(registry_->fetch("gear", std::nullopt)->bytes, bytes_of("two"));
  EXPECT_EQ(registry_->versions("gear").value()[0].stage, ModelStage::kRetired);
  const auto back = registry_->rollback("gear");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->version, 1);
  EXPECT_EQ(registry_->live("gear").value()->version, 1);
  EXPECT_EQ(registry_->promote("gear", 9).error().code, ErrorCode::kNotFound);
}

TEST_P(ModelRegistryContract, BadNamesNumbersBytesAndCardsAreRefused) {
  for (const char* name : {"", "../gear", "Gear", "a/b", "%2e%2e", "9gear", "gear\n"}) {
    const auto put = registry_->put(name, std::nullopt, bytes_of("x"), card());
    ASSERT_FALSE(put) << name;
    EXPECT_EQ(put.error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_EQ(registry_->fetch(name, 1).error().code, ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(registry_->put(std::string(65, 'a'), std::nullopt, bytes_of("x"), card()));
  EXPECT_FALSE(registry_->put("gear", 0, bytes_of("x"), card()));
  EXPECT_FALSE(registry_->put("gear", std::nullopt, {}, card()));
  EXPECT_FALSE(registry_->put("gear", std::nullopt, bytes_of("x"), nlohmann::json::array()));
  const std::vector<std::byte> huge(kMaxModelBytes + 1);
  EXPECT_FALSE(registry_->put("gear", std::nullopt, huge, card()));
  EXPECT_TRUE(registry_->names().value().empty());
}

}  // namespace millwright

#include "ml/model_file/bounded_json.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace millwright::ml {
namespace {

using nlohmann::json;

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> out(text.size());
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}

std::vector<std::byte> ubjson_of(const json& document) {
  const std::vector<std::uint8_t> packed = json::to_ubjson(document, true, true);
  return bytes_of(std::string(packed.begin(), packed.end()));
}

std::string refusal(const std::string& text, JsonForm form, const JsonLimits& limits = {}) {
  const auto read = read_bounded_json(bytes_of(text), form, limits);
  return read ? "" : read.error().message;
}

TEST(BoundedJson, ReadsBothForms) {
  const json document = {{"a", {1, 2.5, "x"}}, {"b", {{"c", nullptr}}}};
  EXPECT_EQ(read_bounded_json(bytes_of(document.dump()), JsonForm::kText).value(), document);
  EXPECT_EQ(read_bounded_json(ubjson_of(document), JsonForm::kUbjson).value(), document);
}

TEST(BoundedJson, DeepNestingIsRefusedBeforeTheStackEnds) {
  const std::string deep(4'000'000, '[');
  EXPECT_NE(refusal(deep, JsonForm::kText).find("nested deeper than 64"), std::string::npos);
  EXPECT_NE(refusal(deep, JsonForm::kUbjson).find("nested deeper than 64"), std::string::npos);
}

TEST(BoundedJson, AnArrayOfBillionsOfNothingIsRefused) {
  // 2^31 - 1 nulls in ten bytes.
  const std::string bomb = "[$Z#l\x7f\xff\xff\xff";
  EXPECT_NE(refusal(bomb, JsonForm::kUbjson).find("more than 8000000 values"), std::string::npos);
  EXPECT_NE(refusal("[1,2,3]", JsonForm::kText, {.values = 3}).find("more than 3"),
            std::string::npos);
  EXPECT_NE(refusal("[1,2,3]", JsonForm::kText, {.bytes = 3}).find("longer than 3"),
            std::string::npos);
}

TEST(BoundedJson, CutAndChangedBytesNeverReadPastTheEnd) {
  const auto whole =
      ubjson_of({{"trees", {{{"left", {1, -1, -1}}, {"value", {0.5, 1.5, -2.5}}}}}, {"n", "7"}});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(read_bounded_json(std::span(whole).first(n), JsonForm::kUbjson)) << n;
  }
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::size_t read = 0;
  for (int i = 0; i < 5'000; ++i) {
    auto changed = whole;
    for (int k = 0; k < 3; ++k)
      changed[random() % changed.size()] = static_cast<std::byte>(random());
    read += read_bounded_json(changed, JsonForm::kUbjson, {.values = 1'000}) ? 1 : 0;
  }
  EXPECT_LT(read, 5'000u) << "some change must be noticed";
}

}  // namespace
}  // namespace millwright::ml

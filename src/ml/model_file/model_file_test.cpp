#include "ml/model_file/model_file.h"

#include <gtest/gtest.h>

#include <cstring>

namespace millwright::ml {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> out(text.size());
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}

ModelFile example() {
  return {{.kind = "test",
           .feature_schema = "abc",
           .training_fingerprint = "def",
           .metrics = {{"macro_f1", 0.93}},
           .parameters = {{"classes", {"a", "b"}}}},
          bytes_of("booster bytes")};
}

std::string refusal(std::span<const std::byte> bytes) {
  const auto result = read_model_file(bytes, "test", "abc");
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  return result.error().message;
}

TEST(ModelFile, ReadsWhatItWrote) {
  const auto bytes = write_model_file(example());
  const auto file = read_model_file(bytes, "test", "abc");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->info.metrics.at("macro_f1"), 0.93);
  EXPECT_EQ(file->info.parameters["classes"][1], "b");
  EXPECT_EQ(file->body, bytes_of("booster bytes"));
}

TEST(ModelFile, RefusesForeignFormatsByName) {
  EXPECT_NE(refusal(bytes_of(std::string_view("\x80\x04\x95zzzz", 7))).find("pickle"),
            std::string::npos);
  EXPECT_NE(refusal(bytes_of("PK\x03\x04zzzz")).find("zip"), std::string::npos);
  EXPECT_NE(refusal(bytes_of("\x1f\x8bzz")).find("gzip"), std::string::npos);
  EXPECT_NE(refusal(bytes_of("{\"learner\":1}")).find("without our header"), std::string::npos);
  EXPECT_NE(refusal({}).find("empty"), std::string::npos);
}

TEST(ModelFile, RefusesEveryCutAndEveryFlippedByte) {
  const auto whole = write_model_file(example());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_NE(refusal(std::span(whole).first(n)), "accepted") << "cut at " << n;
    if (n >= 12 && n < 16) continue;  // reserved
    auto flipped = whole;
    flipped[n] ^= std::byte{0x20};
    EXPECT_NE(refusal(flipped), "accepted") << "flipped at " << n;
  }
}

TEST(ModelFile, RefusesTheFutureTheHugeAndTheOtherKind) {
  auto future = write_model_file(example());
  future[7] = std::byte{2};
  EXPECT_NE(refusal(future).find("format version 2"), std::string::npos);
  const std::vector<std::byte> huge(kMaxModelFileBytes + 1);
  EXPECT_NE(refusal(huge).find("the limit is"), std::string::npos);
  const auto bytes = write_model_file(example());
  EXPECT_FALSE(read_model_file(bytes, "other", "abc"));
  const auto other = read_model_file(bytes, "test", "xyz");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("other features"), std::string::npos);
}

}  // namespace
}  // namespace millwright::ml

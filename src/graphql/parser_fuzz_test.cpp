#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> kSeeds = {
      "query Q($a: [Int!]! = [1, 2], $b: Boolean = true) { list(ids: $a) ...F @include(if: $b) } "
      "fragment F on Query { dog { name owner { name } } pet { ... on Cat { purrs(loud: true) } } "
      "}",
      "{ find(filter: {text: \"a\\u00e4\\n\", limit: 3, nested: {text: \"\"\" b \"\"\"}}) a: id }",
      "{ __schema { types { name fields { name type { ofType { name } } } } } nest { nest { id } } "
      "}",
      "subscription S { ticks(every: 5) { x y label __typename } }",
      std::string(testing::kExampleSdl),
  };
  return kSeeds;
}

std::string mutated(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"{",
                                                   "}",
                                                   "(",
                                                   ")",
                                                   "[",
                                                   "]",
                                                   "...",
                                                   "$a",
                                                   "@skip(if: $b)",
                                                   "\"",
                                                   "\"\"\"",
                                                   "\\u",
                                                   "on ",
                                                   "fragment F on Query",
                                                   "query",
                                                   "null",
                                                   "-1.5e",
                                                   "#",
                                                   "\n",
                                                   "\xc3",
                                                   ":",
                                                   "!",
                                                   "=",
                                                   "&",
                                                   "|",
                                                   "extend type",
                                                   "id",
                                                   "nest{",
                                                   "99999999999"};
  const auto below = [&](std::size_t limit) { return random() % limit; };
  std::string text = seeds()[below(seeds().size())];
  const std::size_t edits = 1 + below(3);
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, below(12));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      default: {
        const std::string part = text.substr(at, below(60));
        text.insert(below(text.size() + 1), part);
      }
    }
  }
  return text;
}

TEST(ParserFuzz, EveryMutatedDocumentEndsInDataOrErrorsThatAreJson) {
  const auto seed = static_cast<unsigned>(20'260'729);
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  int answered = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string query = mutated(random);
    const Response response =
        execute(*testing::example_schema(), Resolvers(), testing::request(query));
    const Json body = Json::parse(response.body, nullptr, false);
    ASSERT_TRUE(body.is_object()) << query << "\n" << response.body;
    ASSERT_EQ(response.request_error, !body.contains("data")) << query;
    ASSERT_EQ(response.error_count > 0, body.contains("errors")) << query;
    if (body.contains("data")) ++answered;
    // A text that is no schema must end in an error as well.
    if (const auto schema = Schema::from_sdl(query); !schema) {
      ASSERT_FALSE(schema.error().message.empty());
    }
  }
  EXPECT_GT(answered, 50) << "the mutations leave hardly a document valid";
}

TEST(ParserFuzz, EveryPrefixOfADocumentIsRefusedOrAnswered) {
  for (const std::string& text : seeds()) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      const Response response =
          execute(*testing::example_schema(), Resolvers(), testing::request(text.substr(0, size)));
      ASSERT_TRUE(Json::accept(response.body)) << text.substr(0, size);
    }
  }
}

}  // namespace
}  // namespace millwright::graphql

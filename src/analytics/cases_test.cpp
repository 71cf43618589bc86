/// Runs tests/cases/*.case; their form and data: tests/cases/README.md.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using nlohmann::json;

struct Case {
  std::string file;
  std::string as = "viewer";
  std::string request;
  std::string variables;
  std::string response;
};

Case read_case(const std::filesystem::path& file) {
  Case read;
  read.file = file.stem().string();
  std::ifstream stream(file);
  std::string* section = nullptr;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("--- request")) {
      section = &read.request;
    } else if (line.starts_with("--- variables")) {
      section = &read.variables;
    } else if (line.starts_with("--- response")) {
      section = &read.response;
    } else if (section) {
      *section += line + "\n";
    } else if (line.starts_with("as: ")) {
      read.as = line.substr(4);
    }
  }
  return read;
}

std::vector<std::filesystem::path> case_files() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = MILLWRIGHT_SOURCE_DIR "/tests/cases";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Principal principal_of(const testing::AnalyticsFixture& factory, const std::string& as) {
  if (as == "operator") return {Role::kOperator, {}, {}, "operator"};
  if (as.starts_with("device ")) return factory.device_principal(as.substr(7));
  return factory.viewer();
}

/// Errors as cases write them: `message` is replaced by the expected part where it contains it.
void fit_errors(json& answer, const json& expected) {
  if (!answer.contains("errors")) return;
  json short_errors = json::array();
  for (std::size_t i = 0; i < answer["errors"].size(); ++i) {
    const json& error = answer["errors"][i];
    std::string message = error.at("message");
    if (expected.contains("errors") && i < expected["errors"].size()) {
      const std::string part = expected["errors"][i].value("message", "");
      if (!part.empty() && message.find(part) != std::string::npos) message = part;
    }
    short_errors.push_back(
        {{"code", error.value("/extensions/code"_json_pointer, "")}, {"message", message}});
  }
  answer["errors"] = short_errors;
}

class CaseTest : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(CaseTest, AnswersAsWritten) {
  const Case read = read_case(GetParam());
  testing::AnalyticsFixture factory;
  const json variables = read.variables.empty() ? json() : json::parse(read.variables);
  const GraphqlReply reply = factory.service.execute(principal_of(factory, read.as),
                                                     {read.request, std::nullopt, variables});
  const json expected = json::parse(read.response);
  json answer = json::parse(reply.body);
  fit_errors(answer, expected);
  EXPECT_EQ(answer, expected) << "the answer was\n" << answer.dump(2);
}

std::string case_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem().string();
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Cases, CaseTest, ::testing::ValuesIn(case_files()), case_name);

}  // namespace
}  // namespace millwright

#include "apps/millwright/commands/evaluate_command.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/results_table.h"
#include "base/text.h"

namespace millwright {
namespace {

struct Protocol {
  const char* name;
  Result<EvaluationReport> (*evaluate)(const EvaluateOptions& options);
  bool needs_data = true;
};
constexpr std::array kProtocols{
    Protocol{"skab", evaluate_skab},
    Protocol{"nab", evaluate_nab},
    Protocol{"ucr_samples", evaluate_ucr_samples},
    Protocol{"occupancy_uci", evaluate_occupancy_uci},
    Protocol{"gear", evaluate_gear, false},
    Protocol{"gear_dao2022", evaluate_gear_dao2022},
    Protocol{"gearbox_spectraquest", evaluate_gearbox_spectraquest},
    Protocol{"cwru", evaluate_cwru},
    Protocol{"hydraulic_zema", evaluate_hydraulic_zema},
    Protocol{"ai4i2020", evaluate_ai4i2020},
    Protocol{"cmapss", evaluate_cmapss},
    Protocol{"ims_bearings", evaluate_ims_bearings},
    Protocol{"azure_pdm", evaluate_azure_pdm},
    Protocol{"pronostia", evaluate_pronostia},
};

std::string names() {
  std::string text = "all";
  for (const Protocol& protocol : kProtocols) text += std::string(", ") + protocol.name;
  return text;
}

Result<EvaluationReport> evaluate_one(const Protocol& protocol, const EvaluateOptions& options) {
  if (protocol.needs_data && options.data.empty()) {
    return invalid_argument("evaluate " + options.name +
                            " needs --data DIR, the data set's folder");
  }
  return protocol.evaluate(options);
}

int fail(const std::string& name, const Error& error) {
  std::cerr << "millwright evaluate " << name << ": " << error.message << '\n';
  return 1;
}

void print(const EvaluationReport& report, bool json) {
  std::cout << (json ? to_json_line(report) + "\n" : to_table(report)) << std::flush;
}

/// False where the file cannot be written though its folder is there.
bool write_results(const std::vector<EvaluationReport>& reports,
                   const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder)) {
    say("no folder " + folder.string() + ": the table is not written to a file");
    return true;
  }
  std::ofstream file(path, std::ios::binary);
  file << to_markdown(reports) << std::flush;
  say(file ? "the table stands in " + path.string() : path.string() + " cannot be written");
  return static_cast<bool>(file);
}

/// Every folder of the root that has a protocol's name, and what needs no folder. One that fails
/// does not keep the others from their score.
int evaluate_all(const EvaluateOptions& options) {
  if (options.data.empty()) {
    return fail("all", invalid_argument("--data ROOT is needed, the folder of the data sets"));
  }
  int exit_code = 0;
  std::vector<EvaluationReport> reports;
  for (const Protocol& protocol : kProtocols) {
    EvaluateOptions one = options;
    one.name = protocol.name;
    one.data = options.data / protocol.name;
    one.train.clear();
    if (!options.train.empty() && std::filesystem::is_directory(options.train / protocol.name)) {
      one.train = options.train / protocol.name;
    }
    if (protocol.needs_data && !std::filesystem::is_directory(one.data)) {
      say("no folder " + one.data.string() + ": left out");
      continue;
    }
    Result<EvaluationReport> report = protocol.evaluate(one);
    if (report) {
      print(*report, options.json);
      reports.push_back(std::move(report).value());
    } else {
      exit_code = fail(one.name, report.error());
    }
  }
  if (!write_results(reports, options.results)) exit_code = 1;
  return exit_code;
}

}  // namespace

int evaluate_command(const EvaluateOptions& options) {
  if (options.name == "all") return evaluate_all(options);
  const auto protocol =
      std::find_if(kProtocols.begin(), kProtocols.end(),
                   [&](const Protocol& each) { return options.name == each.name; });
  if (protocol == kProtocols.end()) {
    return fail(options.name, invalid_argument("there is no protocol " + quote(options.name) +
                                               ": choose one of " + names()));
  }
  const Result<EvaluationReport> report = evaluate_one(*protocol, options);
  if (!report) return fail(options.name, report.error());
  print(*report, options.json);
  return 0;
}

}  // namespace millwright

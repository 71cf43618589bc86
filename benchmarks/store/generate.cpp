/// Writes the reference load W as a file (load_file.h describes it).
///
///   store_generate SEED MINUTES FILE

#include "../figures.h"
#include "load_file.h"

int main(int argc, char** argv) {
  using namespace millwright::bench;
  if (argc != 4) fail("usage: store_generate SEED MINUTES FILE");
  const auto start = Steady::now();
  write_load(argv[3], std::strtoull(argv[1], nullptr, 10), std::strtoll(argv[2], nullptr, 10));
  say(std::string(argv[3]) + ": " + argv[2] + " minutes of W with seed " + argv[1] + " in " +
      std::to_string(static_cast<int>(ms_since(start) / 1000)) + " s");
}

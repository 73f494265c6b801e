// SPDX-License-Identifier: Apache-2.0
// Lines of logs, whatever they hold: every reader, and what is made of them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "diagnose/logs/log_reader.h"
#include "diagnose/logs/print_tally.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(data, data + size);
  gg::LogTally tally;
  gg::LogReader reader(tally);
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + (line.size() < rest.size() ? 1 : 0));
    reader.read_line(line);
    // Each reader is to stand lines that another one understands.
    for (const gg::LineReader& one : gg::line_readers()) {
      gg::ReadLine out;
      if (one.read(line, out) && out.kind == gg::LineKind::failure && out.sign == nullptr) {
        std::abort();
      }
    }
  }
  tally.join();
  std::string shown = gg::tally_text(tally, {}, false) + gg::tally_json(tally, {});
  for (char c : shown) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) std::abort();
  }
  return 0;
}

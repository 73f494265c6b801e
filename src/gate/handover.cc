// SPDX-License-Identifier: Apache-2.0
#include "gate/handover.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "gate/lines.h"

namespace gg {
namespace {

constexpr std::string_view first_line = "goodgate handover 1";
constexpr std::size_t text_most = std::size_t{1} << 20;

void add_fact(std::string& text, std::string_view key, const std::string& value) {
  text += std::string(key) + " " + value + "\n";
}

std::string socket_text(const Handover::Socket& socket) {
  const ListenAddress& address = socket.address;
  std::string text = socket.is_admin ? "admin" : "clients";
  text += " " + std::to_string(socket.descriptor) + " " + std::to_string(socket.repetition) + " " +
          std::to_string(socket.inode) + " " + std::to_string(address.port);
  // Last, for a path may have spaces.
  text += address.is_unix() ? " unix " + address.path : " tcp " + address.host;
  return text;
}

std::string_view next_word(std::string_view& rest) {
  std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

template <class Number>
bool read_number(std::string_view text, Number& number, std::uint64_t most) {
  std::optional<std::uint64_t> read = parse_number(text);
  if (!read || *read > most) return false;
  number = static_cast<Number>(*read);
  return true;
}

bool read_descriptor(std::string_view text, int& descriptor) {
  return text == "-1" || read_number(text, descriptor, INT32_MAX);
}

bool read_socket(std::string_view rest, Handover& handover) {
  Handover::Socket socket;
  std::string_view purpose = next_word(rest);
  if (purpose != "admin" && purpose != "clients") return false;
  socket.is_admin = purpose == "admin";
  bool has_numbers = read_number(next_word(rest), socket.descriptor, INT32_MAX) &&
                     read_number(next_word(rest), socket.repetition, UINT32_MAX) &&
                     read_number(next_word(rest), socket.inode, UINT64_MAX) &&
                     read_number(next_word(rest), socket.address.port, UINT16_MAX);
  if (!has_numbers) return false;
  std::string_view kind = next_word(rest);
  if (kind == "unix") {
    socket.address.path = rest;
  } else if (kind == "tcp") {
    socket.address.host = rest;
  } else {
    return false;
  }
  handover.sockets.push_back(std::move(socket));
  return true;
}

std::string hex_of(const TicketKeys::Secret& secret) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : secret) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

bool read_secret(std::string_view text, TicketKeys::Secret& secret) {
  if (text.size() != 2 * secret.size()) return false;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::optional<std::uint64_t> byte = parse_number(text.substr(2 * i, 2), 16);
    if (!byte) return false;
    secret[i] = static_cast<unsigned char>(*byte);
  }
  return true;
}

bool read_fact(std::string_view key, std::string_view value, Handover& handover) {
  if (key == "report") return read_descriptor(value, handover.report);
  if (key == "health") return read_descriptor(value, handover.health);
  if (key == "health_layout") return read_number(value, handover.health_layout, UINT64_MAX);
  if (key == "runtime_file") return read_descriptor(value, handover.runtime_file);
  if (key == "socket") return read_socket(value, handover);
  if (key == "tickets") return read_secret(value, handover.tickets);
  if (key == "state_lock") return read_descriptor(value, handover.state_lock);
  if (key == "state_path") handover.state_path = value;
  if (key == "kept") handover.is_kept = value == "yes";
  if (key == "runtime_path") handover.runtime_path = value;
  return true;  // a later version may say more
}

}  // namespace

std::string to_text(const Handover& handover) {
  std::string text = std::string(first_line) + "\n";
  add_fact(text, "report", std::to_string(handover.report));
  add_fact(text, "runtime_file", std::to_string(handover.runtime_file));
  add_fact(text, "runtime_path", handover.runtime_path);
  add_fact(text, "health", std::to_string(handover.health));
  add_fact(text, "health_layout", std::to_string(handover.health_layout));
  add_fact(text, "state_lock", std::to_string(handover.state_lock));
  add_fact(text, "state_path", handover.state_path);
  add_fact(text, "kept", handover.is_kept ? "yes" : "no");
  add_fact(text, "tickets", hex_of(handover.tickets));
  for (const Handover::Socket& socket : handover.sockets) {
    add_fact(text, "socket", socket_text(socket));
  }
  return text;
}

Result<Handover, std::string> parse_handover(std::string_view text) {
  std::string_view head = next_line(text);
  if (head != first_line) {
    return Failure(
        "the process before this one hands over in a form that this version does not "
        "know: \"" +
        std::string(head.substr(0, 60)) + "\"\n  restart instead of upgrading");
  }
  Handover handover;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    std::string_view rest = line;
    std::string_view key = next_word(rest);
    if (!read_fact(key, rest, handover)) {
      return Failure("what the process before this one hands over is damaged, at \"" +
                     std::string(line.substr(0, 60)) + "\"\n  restart instead of upgrading");
    }
  }
  return handover;
}

Result<std::optional<Handover>, std::string> take_handover() {
  const char* given = std::getenv(handover_variable);
  if (given == nullptr) return std::nullopt;
  std::optional<std::uint64_t> number = parse_number(given);
  unsetenv(handover_variable);
  if (!number || *number > INT32_MAX) {
    return Failure(std::string(handover_variable) +
                   " is set, but not by a gateway that is being upgraded; unset it");
  }
  Descriptor memory(static_cast<int>(*number));
  std::string text(text_most, '\0');
  ssize_t size = pread(memory.number(), text.data(), text.size(), 0);
  if (size < 0) {
    static_cast<void>(memory.release());  // not ours
    return Failure(std::string("what the process before this one hands over cannot be read: ") +
                   std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(size));
  Result<Handover, std::string> handover = parse_handover(text);
  if (!handover) return Failure(handover.error());
  return std::move(*handover);
}

Result<Descriptor, int> memory_with(const std::string& text) {
  Descriptor memory(memfd_create("goodgate-handover", MFD_CLOEXEC));
  if (!memory.is_open()) return Failure(errno);
  if (pwrite(memory.number(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return Failure(errno);
  }
  return memory;
}

}  // namespace gg

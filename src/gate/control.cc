// SPDX-License-Identifier: Apache-2.0
#include "gate/control.h"

#include <sys/socket.h>

#include <cerrno>

namespace gg {

ControlMessage receive_control(int descriptor) {
  char text = 0;
  ssize_t received = 0;
  do {
    received = recv(descriptor, &text, 1, MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);

  if (received == 1) return {ControlMessage::Kind::message, text};
  if (received < 0 && errno == EAGAIN) return {};
  return {ControlMessage::Kind::end};
}

bool send_control(int descriptor, char text) {
  return send(descriptor, &text, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

}  // namespace gg

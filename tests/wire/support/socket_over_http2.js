'use strict';
// A WebSocket opened by CONNECT on an HTTP/2 connection (RFC 8441): says what happened as JSON.
// Arguments: the gateway's URL, a path, and what to say.
const http2 = require('http2');

const [url, path, text] = process.argv.slice(2);
const session = http2.connect(url);
const done = {status: 0, said: '', closed: false, offered: false};

function frame(opcode, payload) {
  const mask = [1, 2, 3, 4];
  const masked = payload.map((byte, i) => byte ^ mask[i % 4]);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, ...mask]), masked]);
}

function end() {
  console.log(JSON.stringify(done));
  session.destroy();
}

session.on('remoteSettings', (settings) => {
  done.offered = settings.enableConnectProtocol;
  const socket = session.request({
    ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13'});
  let got = Buffer.alloc(0);
  socket.on('response', (head) => {
    done.status = head[':status'];
    done.accept = 'sec-websocket-accept' in head;
    if (done.status === 200) socket.write(frame(1, Buffer.from(text)));
  });
  socket.on('data', (bytes) => {
    got = Buffer.concat([got, bytes]);
    if (done.status !== 200 || got.length < 2) return;
    const opcode = got[0] & 15;
    const long = got[1] === 126;
    const length = long ? got.readUInt16BE(2) : got[1];
    const at = long ? 4 : 2;
    if (got.length < at + length) return;
    const payload = got.subarray(at, at + length);
    got = got.subarray(at + length);
    if (opcode === 1) {
      done.said = payload.toString();
      socket.write(frame(8, Buffer.from([3, 232])));
    } else if (opcode === 8) {
      done.closed = true;
      socket.end();
    }
  });
  socket.on('error', (error) => { done.error = error.code; });
  socket.on('close', end);
});
session.on('error', (error) => { done.error = error.code; end(); });

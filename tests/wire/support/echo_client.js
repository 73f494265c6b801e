// SPDX-License-Identifier: Apache-2.0
// Plays the echo suite against a URL and prints what became of each part as JSON; started by
// websocket_test.py. With `wait` it says "open", waits for a line, and goes on over the same socket.
'use strict';
const { WebSocket } = require('ws');
const crypto = require('node:crypto');
const fs = require('node:fs');

const [url, ca, wait] = process.argv.slice(2);
const options = { ca: ca === '-' ? undefined : fs.readFileSync(ca), maxPayload: 64 << 20 };

function open(path = '/') {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + path, options);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
const next = (socket) => new Promise((resolve) => {
  socket.once('message', (data, isBinary) => resolve({ data, isBinary }));
});
const ended = (socket) => new Promise((resolve) => {
  socket.on('error', () => {});
  socket.once('close', (code, reason) => resolve([code, String(reason)]));
});
async function echoes(socket, sent, isBinary) {
  const answer = next(socket);
  socket.send(sent, { binary: isBinary });
  const { data, isBinary: came } = await answer;
  return came === isBinary && Buffer.compare(data, Buffer.from(sent)) === 0;
}

const parts = {
  text: (socket) => echoes(socket, 'Grüße, 世界', false),
  empty: (socket) => echoes(socket, '', false),
  binary: (socket) => echoes(socket, crypto.randomBytes(70000), true),
  large: (socket) => echoes(socket, crypto.randomBytes(5 << 20), true),
  many: async (socket) => {
    const sent = Array.from({ length: 2000 }, (_, i) => `message ${i}`);
    const came = [];
    const all = new Promise((resolve) => {
      socket.on('message', (data) => { if (came.push(String(data)) === sent.length) resolve(); });
    });
    for (const message of sent) socket.send(message);
    await all;
    socket.removeAllListeners('message');
    return came.join() === sent.join();
  },
  fragments: async (socket) => {
    const answer = next(socket);
    for (const piece of ['one ', '', 'two ']) socket.send(piece, { fin: false });
    socket.send('three', { fin: true });
    return String((await answer).data) === 'one two three';
  },
  'a ping within fragments': async (socket) => {
    const answer = next(socket);
    const pong = new Promise((resolve) => { socket.once('pong', (data) => resolve(String(data))); });
    socket.send('one ', { fin: false });
    socket.ping('between');
    socket.send('two', { fin: true });
    return String((await answer).data) === 'one two' && (await pong) === 'between';
  },
  compressed: (socket) => echoes(socket, 'a'.repeat(100000), false),
};

// Each on a socket of its own: how it ends is what counts.
const ends = {
  'our close': async () => {
    const socket = await open();
    const end = ended(socket);
    socket.close(4001, 'enough');
    return end;
  },
  'their close': async () => ended(await open('/leave')),
  'a cut': async () => {
    const socket = await open('/cut');
    const end = ended(socket);
    socket.send('now');
    return end;
  },
  'a message too large': async () => {
    const socket = await open();
    const end = ended(socket);
    socket.send(Buffer.alloc(9 << 20));
    return end;
  },
  'an unknown kind of frame': async () => {
    const socket = await open();
    const end = ended(socket);
    socket._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    return end;
  },
  'a frame without a mask': async () => {
    const socket = await open();
    const end = ended(socket);
    socket._socket.write(Buffer.from([0x81, 0x01, 0x61]));
    return end;
  },
  'text that is none': async () => {
    const socket = await open();
    const end = ended(socket);
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    return end;
  },
};

async function main() {
  const said = {};
  const socket = await open();
  if (wait) {
    said.before = await parts.text(socket);
    console.log('open');
    await new Promise((resolve) => { process.stdin.once('data', resolve); });
    said.after = await parts.large(socket);
  } else {
    for (const [name, play] of Object.entries(parts)) said[name] = await play(socket);
    for (const [name, play] of Object.entries(ends)) said[name] = await play();
  }
  const end = ended(socket);
  socket.close(1000);
  said.end = await end;
  console.log(JSON.stringify(said));
  process.exit(0);
}

main().catch((error) => { console.error(String(error)); process.exit(1); });

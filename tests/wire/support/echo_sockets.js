// SPDX-License-Identifier: Apache-2.0
// A WebSocket server that gives back whatever it gets; started by origins.py.
'use strict';
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', maxPayload: 8 << 20 });
server.on('connection', (socket, request) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {});
  if (request.url === '/leave') socket.close(4100, 'not here');
  if (request.url === '/cut') socket.once('message', () => socket.terminate());
});

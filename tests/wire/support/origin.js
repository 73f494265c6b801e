// SPDX-License-Identifier: Apache-2.0
// A Node server with one path per thing that Node does its own way; started by origins.py.
'use strict';
const http = require('node:http');
const crypto = require('node:crypto');

const routes = {
  '/chunked': (request, response) => {
    response.write('one ');
    setTimeout(() => { response.write('two '); response.end('three'); }, 20);
  },
  '/slowly-chunked': (request, response) => {
    response.write('one ');
    setTimeout(() => response.end('two'), 2000);
  },
  '/hints': (request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    setTimeout(() => response.end('hinted'), 20);
  },
  '/trailers': (request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('summed');
    response.addTrailers({ 'X-Sum': '42' });
    response.end();
  },
  '/echo': (request, response) => {
    response.writeHead(200, { 'X-Method': request.method, 'X-Expected': request.expected ?? 'no' });
    request.pipe(response);
  },
  '/sum': (request, response) => {
    const hash = crypto.createHash('sha256');
    let bytes = 0;
    request.on('data', (data) => { hash.update(data); bytes += data.length; });
    request.on('end', () => response.end(JSON.stringify({
      bytes, sha256: hash.digest('hex'), fields: request.rawHeaders, trailers: request.trailers })));
  },
  '/empty': (request, response) => { response.writeHead(204); response.end(); },
  '/close': (request, response) => { response.setHeader('Connection', 'close'); response.end('bye'); },
};

const serve = (request, response) => {
  const route = routes[request.url.split('?')[0]];
  if (route) return route(request, response);
  response.writeHead(404);
  response.end('no such path');
};

const server = http.createServer(serve);
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    response.writeHead(417, { Connection: 'close' });
    response.end('not wanted');
    return;
  }
  request.expected = 'yes';
  response.writeContinue();
  serve(request, response);
});

// RFC 6455: the handshake, then every frame back as it came, unmasked.
server.on('upgrade', (request, socket) => {
  if (request.url !== '/socket') {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
    return;
  }
  const accept = crypto.createHash('sha1')
    .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 6) {
      const length = pending[1] & 0x7f;
      if (pending.length < 6 + length) return;
      const mask = pending.subarray(2, 6);
      const payload = Buffer.from(pending.subarray(6, 6 + length).map((b, i) => b ^ mask[i % 4]));
      socket.write(Buffer.concat([Buffer.from([pending[0], length]), payload]));
      if ((pending[0] & 0x0f) === 8) socket.end();
      pending = pending.subarray(6 + length);
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {});
});

server.listen(Number(process.argv[2]), '127.0.0.1');

'use strict';
// An endpoint of HTTP/2 without TLS that gives back what it is told on a WebSocket's stream (RFC 8441).
// Arguments: a port, and whether it says that it takes WebSockets ("yes").
const http2 = require('http2');

const [port, takes] = process.argv.slice(2);
const server = http2.createServer({settings: {enableConnectProtocol: takes === 'yes'}});
server.on('stream', (stream, head) => {
  stream.on('error', () => {});
  if (head[':protocol'] !== 'websocket') {
    stream.respond({':status': 400});
    stream.end();
    return;
  }
  stream.respond({':status': 200});
  stream.pipe(stream);
});
server.listen(Number(port), '127.0.0.1');

'use strict';
// An HTTP/2 origin without TLS, or with it (a key and a certificate as further arguments), that does what its path says.
// Speaks enough of gRPC by hand: 5 bytes before each message, the status in the trailers.
const fs = require('fs');
const http2 = require('http2');

const [port, key, cert] = process.argv.slice(2);
const server = key
  ? http2.createSecureServer({key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: true}, answer1)
  : http2.createServer();
const sessions = new Set();
let health = 1;

function answer1(request, response) {
  if (request.httpVersion === '1.1') response.end('by 1.1');
}

function message(bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function trailersWithStatus(stream, status) {
  stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: true});
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': String(status), 'grpc-message': 'fine'}));
}

let refusals = 0;
let unavailable = 0;
const paths = {
  '/': (stream, head) => {
    stream.respond({':status': 200, 'content-length': 3, 'x-method': head[':method']});
    stream.end(head[':method'] === 'HEAD' ? undefined : 'ok\n');
  },
  '/echo': (stream) => {
    stream.respond({':status': 200}, {waitForTrailers: true});
    stream.on('wantTrailers', () => stream.sendTrailers({'x-sum': '7'}));
    stream.pipe(stream);
  },
  '/early-hints': (stream) => {
    stream.additionalHeaders({':status': 103, link: '</a>'});
    stream.respond({':status': 200});
    stream.end('hinted');
  },
  '/no': (stream) => {
    stream.respond({':status': 413});
    stream.end('too much');
    stream.close(http2.constants.NGHTTP2_NO_ERROR);
  },
  '/refuse-once': (stream) => {
    if (refusals++ === 0) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else paths['/echo'](stream);
  },
  '/reset': (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
  '/goaway': (stream) => {
    if (!stream.session.saidGoodbye) stream.session.saidGoodbye = true; else return paths['/echo'](stream);
    stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR);
    paths['/echo'](stream);
  },
  '/break-off': (stream) => {
    stream.respond({':status': 200, 'content-length': 1000000});
    stream.write(Buffer.alloc(200000), () => stream.session.destroy());
  },
  '/fields': (stream, head) => {
    stream.respond({':status': 200});
    stream.end(JSON.stringify(head));
  },
  '/grpc/echo': (stream) => {
    trailersWithStatus(stream, 0);
    stream.pipe(stream);
  },
  '/grpc/count': (stream) => {
    trailersWithStatus(stream, 0);
    for (let i = 0; i < 20; ++i) stream.write(message(Buffer.from(String(i))));
    stream.end();
  },
  '/grpc/not-found': (stream) => stream.respond(
      {':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5'}, {endStream: true}),
  '/grpc/unavailable-once': (stream) => {
    if (unavailable++ > 0) return paths['/grpc/echo'](stream);
    stream.respond({':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14'}, {endStream: true});
  },
  '/grpc.health.v1.Health/Check': (stream) => {
    trailersWithStatus(stream, 0);
    stream.end(message(Buffer.from([8, health])));
  },
  '/sicken': (stream) => {
    health = 2;
    paths['/'](stream, {':method': 'GET'});
  },
  '/sessions': (stream) => {
    stream.respond({':status': 200});
    stream.end(String(sessions.size));
  },
};

server.on('session', (session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session));
  session.on('error', () => {});
});
server.on('stream', (stream, head) => {
  stream.on('error', () => {});
  const act = paths[head[':path']];
  // Those that have no use for the request's body answer once it is there: curl takes an earlier answer for an error.
  if (act && ['/fields', '/grpc/count', '/grpc/not-found'].includes(head[':path'])) {
    stream.resume();
    return stream.on('end', () => act(stream, head));
  }
  if (act) return act(stream, head);
  stream.respond({':status': 404});
  stream.end();
});
server.listen(Number(port), '127.0.0.1');

// SPDX-License-Identifier: Apache-2.0
// Node's own HTTP server as an origin of the fault suite; arguments: address, port, log.
'use strict';
const fs = require('node:fs');
const http = require('node:http');

const [address, port, log] = process.argv.slice(2);
const file = fs.openSync(log, 'a');
const now = () => (Number(process.hrtime.bigint()) / 1e9).toFixed(6);

const server = http.createServer((request, response) => {
  const [, number, size] = request.url.split('/');
  fs.writeSync(file, `D ${now()} ${number} ${request.method}\n`);
  request.resume();
  request.on('end', () => response.end(`${number}.`.repeat(Number(size) / (number.length + 1))));
});
server.keepAliveTimeout = 1000;
server.listen(Number(port), address, () => fs.writeSync(file, `L ${now()}\n`));

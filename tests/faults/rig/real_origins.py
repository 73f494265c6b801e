# SPDX-License-Identifier: Apache-2.0
"""Real servers as origins: nginx, Node and Python, each with idle connections closed after a second."""
import asyncio
import os
import pathlib
import shutil

from rig.origins import HERE, Origin
from support.processes import Program

NGINX = '''
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 1024; }}
http {{
  log_format delivery 'D $msec $number $request_method'; access_log {log} delivery;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_timeout 1s; keepalive_requests 100000; default_type text/plain;
  map $uri $number {{ "~^/(?<found>[0-9]+)/" $found; }}
  server {{
    listen {address}:{port};
    location / {{ return 200 "$number.$number.$number.$number."; }}
  }}
}}
'''
SIZE = 28  # of the body that nginx is configured to give: four times a number of six digits and a dot


class RealOrigin(Origin):
    async def start(self):
        self.program = Program(self.argv(), self.folder, 'origin', {'PYTHONPATH': str(HERE)})
        await asyncio.to_thread(self.program.wait_for_port, self.port, self.address)


class NginxOrigin(RealOrigin):
    def argv(self):
        config = self.folder / 'nginx.conf'
        config.write_text(NGINX.format(user='user root;' if os.geteuid() == 0 else '', log=self.log,
                                       folder=self.folder, address=self.address, port=self.port))
        return [shutil.which('nginx', path='/usr/sbin:/usr/bin'), '-c', config, '-p', self.folder,
                '-e', self.folder / 'nginx.err']


class NodeOrigin(RealOrigin):
    def argv(self):
        return ['node', pathlib.Path(__file__).with_name('real_origin.js'), self.address, self.port,
                self.log]


class PythonOrigin(RealOrigin):
    def argv(self):
        return ['/usr/bin/python3', '-B', '-c', 'from rig import real_origin; real_origin.main()',
                self.address, self.port, self.log]


REAL = [NginxOrigin, NodeOrigin, PythonOrigin]

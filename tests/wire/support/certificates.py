"""Certificates for tests, made by openssl as they are needed; none is ever kept."""
import pathlib
import shutil
import subprocess
import tempfile


def openssl(*arguments, text=''):
    done = subprocess.run(['openssl', *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """Issues certificates into a folder that goes when it does."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-certificates-'))
        self.folder.chmod(0o755)
        self.file = self.folder / 'ca.pem'
        self.key = self.folder / 'ca.key'
        self.count = 0
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-keyout', self.key, '-out', self.file, '-days', '30', '-subj', '/CN=a test authority')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def answer_about(self, cert):
        """The file of what its OCSP responder says of that certificate."""
        self.count += 1
        index, file = self.folder / 'index.txt', self.folder / f'{self.count}.ocsp'
        serial = openssl('x509', '-in', cert, '-noout', '-serial').strip().split('=')[1]
        index.write_text(f'V\t350101000000Z\t\t{serial}\tunknown\t/CN=a certificate\n')
        openssl('ocsp', '-index', index, '-CA', self.file, '-rsigner', self.file, '-rkey', self.key, '-ndays', '7',
                '-issuer', self.file, '-cert', cert, '-respout', file)
        file.chmod(0o644)
        return str(file)

    def issue(self, *names, days=30, into=None):
        """The files of a certificate for `names` and its key; `days` may be negative."""
        self.count += 1
        stem = into or self.folder / f'{self.count}'
        request, extra = self.folder / 'request', self.folder / 'extra'
        openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-keyout', f'{stem}.key', '-out', request, '-subj', f'/CN={names[0]}')
        kinds = [('IP' if name[0].isdigit() else 'DNS') + ':' + name for name in names]
        extra.write_text('subjectAltName=' + ','.join(kinds) + '\n')
        openssl('x509', '-req', '-in', request, '-CA', self.file, '-CAkey', self.key, '-CAcreateserial',
                '-days', days, '-extfile', extra, '-out', f'{stem}.pem')
        pathlib.Path(f'{stem}.key').chmod(0o644)
        return f'{stem}.pem', f'{stem}.key'

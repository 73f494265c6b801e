"""What the wire tests share: processes, the gateway, origins and a client that sees every byte."""
import sys

# Whichever Python runs this, its modules are those of Debian's packages.
sys.path.append('/usr/lib/python3/dist-packages')

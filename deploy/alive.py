"""The web container's health: exit code 0 when any page below a server error is answered."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=8)
try:
    connection.request("GET", "/")
    sys.exit(connection.getresponse().status >= 500)
except OSError:
    sys.exit(1)

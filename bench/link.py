# SPDX-License-Identifier: GPL-2.0-or-later
"""A slower link to a host of the lab, by bench/wire.c: the kernel's netem is
not everywhere, and tbf alone has no delay."""

import os
import subprocess

from common import PFERRY, atexit

WIRE = os.path.dirname(PFERRY) + "/tools/wire"


class Link:
    """Between HOST and its bridge: MBIT a second (0: any), ROUND_TRIP_MS there and back."""

    def __init__(self, lab, host, mbit, round_trip_ms):
        self.lab, self.host, number = lab, host, host[1:]
        with open(lab.dir + "/net") as f:
            net = f.read().strip()
        with open("%s/%s/init" % (lab.dir, host)) as f:
            pid = f.read().split()[0]
        self.outside = "pfl%sh%sw" % (net, number)
        self.address = "10.213.%s.%d" % (net, 10 + int(number))
        self.gateway = "10.213.%s.1" % net
        self.run = subprocess.Popen([WIRE, pid, "wire0", self.outside, str(int(mbit * 1e6)), str(int(round_trip_ms * 500))],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        atexit.register(self.end)
        if self.run.stdout.readline() != "up\n":
            raise RuntimeError(self.run.stderr.read().strip())
        self.inside("ip addr flush dev eth0; ip link set eth0 down; ip link set wire0 up;"
                    "ip addr add %s/24 dev wire0; ip route add default via %s" % (self.address, self.gateway))
        subprocess.run(["ip", "link", "set", self.outside, "master", "pfl" + net, "up"], check=True)
        self.forget()

    def inside(self, script):
        self.lab.sh(self.host, script)

    def forget(self):
        """The others had another address of the card."""
        subprocess.run(["ip", "neigh", "del", self.address, "dev", "pfl" + self.outside[3:].split("h")[0]], stderr=subprocess.DEVNULL)
        for host in self.lab.hosts:
            self.lab.sh(host, "ip neigh flush all")

    def end(self):
        """The veth again."""
        if self.run.poll() is None:
            self.run.kill()
        self.run.wait()
        self.inside("ip link set eth0 up; ip addr add %s/24 dev eth0 2>/dev/null; ip route add default via %s" %
                    (self.address, self.gateway))
        self.forget()

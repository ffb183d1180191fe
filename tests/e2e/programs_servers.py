# SPDX-License-Identifier: GPL-2.0-or-later
"""Real programs that answer on the network: each with a client that checks its answers."""

import socket
import struct

from programs import *


@program
class redis(Program):
    start = "redis-server --port 6379 --save '' --daemonize yes --protected-mode no --dir /tmp >/dev/null"
    pid = "pgrep -x redis-server"
    needs = "redis-server"
    port = 6379

    def work(self):
        got = talk(self.name, self.port, b"INCR n\r\n")
        self.n += 1
        assert got == b":%d\r\n" % self.n, (got, self.n)


@program
class valkey(redis):
    start = "valkey-server --port 6380 --save '' --daemonize yes --protected-mode no --dir /tmp >/dev/null"
    pid = "pgrep -x valkey-server"
    needs = "valkey-server"
    port = 6380


@program
class memcached(Program):
    start = "memcached -u root -p 11211 -l 0.0.0.0 -d"
    pid = "pgrep -x memcached"
    needs = "memcached"

    def work(self):
        if self.n == 0:
            assert talk(self.name, 11211, b"set n 0 0 1\r\n0\r\n") == b"STORED\r\n"
        got = talk(self.name, 11211, b"incr n 1\r\n")
        self.n += 1
        assert got == b"%d\r\n" % self.n, (got, self.n)


@program
class nginx(Program):
    start = """mkdir -p /shared/w/nginx; head -c 200000 /dev/zero | tr '\\0' x >/shared/w/nginx/page
        printf 'user root; worker_processes 2; pid /shared/w/nginx/pid; error_log /shared/w/nginx/error; events {} http { access_log
        /shared/w/nginx/access; server { listen 8081; root /shared/w/nginx; } }' >/shared/w/nginx/conf
        nginx -c /shared/w/nginx/conf"""
    pid = "cat /shared/w/nginx/pid"
    needs = "nginx"

    def work(self):
        assert http(self.name, 8081, "/page") == b"x" * 200000


@program
class lighttpd(Program):
    start = """mkdir -p /shared/w/light; echo light >/shared/w/light/page
        printf 'server.document-root = "/shared/w/light"\\nserver.port = 8082\\n' >/shared/w/light/conf
        lighttpd -f /shared/w/light/conf"""
    pid = "pgrep -x lighttpd"
    needs = "lighttpd"

    def work(self):
        assert http(self.name, 8082, "/page") == b"light\n"


@program
class haproxy(Program):
    start = """mkdir -p /shared/w; printf 'global\\n nbthread 2\\ndefaults\\n mode http\\n timeout connect 1s\\n timeout client 1s\\n timeout server
        1s\\nfrontend f\\n bind *:8083\\n http-request return status 200 content-type text/plain string proxy\\n' | tr -d '\\011' >/shared/w/haproxy
        sed -i 's/server$/server 1s/; /^ *1s$/d' /shared/w/haproxy; haproxy -D -f /shared/w/haproxy"""
    pid = "pgrep -x haproxy | head -n 1"
    needs = "haproxy"

    def work(self):
        assert http(self.name, 8083) == b"proxy"


@program
class mosquitto(Program):
    start = "printf 'listener 1883 0.0.0.0\\nallow_anonymous true\\nuser root\\n' >/shared/w/mosquitto; mosquitto -d -c /shared/w/mosquitto"
    pid = "pgrep -x mosquitto"
    needs = "mosquitto"

    def work(self):
        # CONNECT, clean session, client "t"; CONNACK is 20 02 00 00.
        assert talk(self.name, 1883, b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01t", b"\x00\x00") == b"\x20\x02\x00\x00"


@program
class dnsmasq(Program):
    start = "dnsmasq --port=5353 --no-resolv --address=/moved.test/10.9.8.7 --user=root --group=root --pid-file=/tmp/dnsmasq.pid --conf-file=/dev/null"
    pid = "pgrep -x dnsmasq"
    needs = "dnsmasq"

    def work(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(2)
            s.sendto(b"\1\2\1\0\0\1\0\0\0\0\0\0\5moved\4test\0\0\1\0\1", (here.address(self.name), 5353))
            assert s.recv(512).endswith(bytes([10, 9, 8, 7]))


@program
class python_http(Program):
    start = "mkdir -p /shared/w/py; echo hello >/shared/w/py/page; cd /shared/w/py; setsid python3 -m http.server 8084 </dev/null >/shared/w/py.log 2>&1 &"
    pid = "pgrep -f 'http.server 8084'"

    def work(self):
        assert http(self.name, 8084, "/page") == b"hello\n"


@program
class python_asyncio(Script):
    port = 8085
    start = "setsid python3 %s </dev/null >/dev/null 2>&1 &" % script("aio.py", """
import asyncio
n = 0
async def one(r, w):
    global n
    await r.readline()
    n += 1
    w.write(b"%d\\n" % n)
    await w.drain()
    w.close()
async def main():
    s = await asyncio.start_server(one, "0.0.0.0", 8085)
    await s.serve_forever()
asyncio.run(main())
""")
    pid = "pgrep -f w/aio.py"


@program
class perl(Script):
    port = 8086
    start = "setsid perl %s </dev/null >/dev/null 2>&1 &" % script("count.pl", """
use IO::Socket::INET;
$s = IO::Socket::INET->new(LocalPort => 8086, Listen => 50, ReuseAddr => 1) or die;
while ($c = $s->accept) { <$c>; $n++; print $c "$n\\n"; close $c }
""")
    pid = "pgrep -f w/count.pl"


NODE = script("count.js", """
let n = 0;
require("net").createServer(c => { c.on("error", () => {}); c.once("data", () => { n++; c.end(n + "\\n"); }); }).listen(8087, "0.0.0.0");
""")


@program
class node_uring(Program):
    """Its event loop has an io_uring, which CRIU does not know."""

    needs = "node"
    refused = "odd-descriptor"
    start = "setsid node %s </dev/null >/dev/null 2>&1 &" % NODE
    pid = "pgrep -f w/count.js"


# As a unit with SystemCallFilter=~io_uring_setup would be.
NO_URING = script("no-uring.py", """
import ctypes, os, struct, sys
filter = struct.pack("=" + "HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, 425, 6, 0, 0, 0x50000 + 38, 6, 0, 0, 0x7fff0000)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(Program(4, filter)), 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])
""")


@program
class node(Script):
    port = 8087
    needs = "node"
    start = "setsid python3 %s node %s </dev/null >/dev/null 2>&1 &" % (NO_URING, NODE)
    pid = "pgrep -f w/count.js"


@program
class php(Script):
    port = 8088
    needs = "php"
    start = "setsid php %s </dev/null >/dev/null 2>&1 &" % script("count.php", """<?php
$s = stream_socket_server("tcp://0.0.0.0:8088"); $n = 0;
while (true) { $c = @stream_socket_accept($s, 3600); if (!$c) continue; fgets($c); $n++; fwrite($c, "$n\\n"); fclose($c); }
""")
    pid = "pgrep -f w/count.php"


def record(kind, body):
    """Of FastCGI, for request 1."""
    return struct.pack(">BBHHBx", 1, kind, 1, len(body), 0) + body


FPM = """printf '[global]\\npid = /tmp/fpm.pid\\nerror_log = /shared/w/fpm.log\\n[w]\\nuser = root\\ngroup = root\\nlisten = 0.0.0.0:8094\\npm = static
    pm.max_children = 2\\n' >/shared/w/fpm.conf; php-fpm8.4 -R -D -y /shared/w/fpm.conf """


@program
class php_fpm_jit(Program):
    """The buffer of its JIT compiler is the first code there is, and shared."""

    needs = "php-fpm8.4"
    start = FPM
    pid = "pgrep -f 'php-fpm: master'"
    refused = "shared-code"


@program
class php_fpm(Program):
    """A master and two workers, asked by FastCGI as a web server does."""

    needs = "php-fpm8.4"
    start = FPM + "-d opcache.jit_buffer_size=0"
    pid = "pgrep -f 'php-fpm: master'"
    path = script("square.php", "<?php echo $_SERVER['N'] * $_SERVER['N'];")

    def work(self):
        self.n += 1
        values = (b"SCRIPT_FILENAME", self.path.encode()), (b"REQUEST_METHOD", b"GET"), (b"N", b"%d" % self.n)
        parameters = b"".join(bytes((len(k), len(v))) + k + v for k, v in values)
        begin = record(1, b"\0\1\0\0\0\0\0\0")
        with socket.create_connection((here.address(self.name), 8094), 2) as s:
            s.settimeout(3)
            s.sendall(begin + record(4, parameters) + record(4, b"") + record(5, b""))
            said = s.makefile("rb").read()
        if record(3, b"")[:2] not in said:
            raise ConnectionError("cut off")
        assert b"\r\n\r\n%d" % self.n ** 2 in said, said


@program
class ruby(Script):
    port = 8089
    needs = "ruby"
    start = "setsid ruby %s </dev/null >/dev/null 2>&1 &" % script("count.rb", """
require "socket"
n = 0
s = TCPServer.new("0.0.0.0", 8089)
loop { c = s.accept; begin; c.gets; n += 1; c.puts n; c.close; rescue; end }
""")
    pid = "pgrep -f w/count.rb"


@program
class java(Script):
    """A virtual machine with its threads and what its compiler makes."""

    port = 8090
    needs = "java"
    start = "echo $(ls /usr/lib/jvm/*/bin/java | head -n 1) >/dev/null; cd /; setsid java -Xshare:off -XX:-UsePerfData %s </dev/null >/shared/w/java.log 2>&1 &" % script("Count.java", """
import java.io.*; import java.net.*;
public class Count {
    public static void main(String[] a) throws Exception {
        ServerSocket s = new ServerSocket(8090, 50, InetAddress.getByName("0.0.0.0"));
        long n = 0;
        while (true) try (Socket c = s.accept()) {
            new BufferedReader(new InputStreamReader(c.getInputStream())).readLine();
            n++; c.getOutputStream().write((n + "\\n").getBytes());
        } catch (IOException e) { }
    }
}
""")
    pid = "pgrep -x java"


@program
class erlang(Script):
    port = 8091
    needs = "erl"
    start = """setsid erl -noinput -noshell -eval '{ok, L} = gen_tcp:listen(8091, [binary, {packet, line}, {active, false}, {reuseaddr, true}]),
        F = fun(G, N) -> {ok, S} = gen_tcp:accept(L), M = case gen_tcp:recv(S, 0, 2000) of {ok, _} -> N + 1; _ -> N end,
        gen_tcp:send(S, [integer_to_list(M), "\\n"]), gen_tcp:close(S), G(G, M) end, F(F, 0).' </dev/null >/shared/w/erl.log 2>&1 &"""
    pid = "pgrep -x 'beam.smp|erl' | head -n 1"


def field(*words):
    return b"".join(bytes([len(w)]) + w for w in words)


@program
class rabbitmq(Program):
    """An Erlang node with its name server left behind; each message that is put in comes out."""

    needs = "rabbitmqctl"
    start = "sh " + script("rabbit.sh", """
export HOME=/shared/w/rabbit
mkdir -p $HOME
export RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_LOG_BASE=$HOME/log RABBITMQ_MNESIA_BASE=$HOME/db RABBITMQ_NODE_PORT=8095
export RABBITMQ_ENABLED_PLUGINS_FILE=$HOME/plugins RABBITMQ_CONFIG_FILE=$HOME/rabbit.conf
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none"
echo '[].' >$HOME/plugins
echo 'loopback_users = none' >$HOME/rabbit.conf
setsid /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server </dev/null >$HOME/out 2>&1 &
""")
    pid = "pgrep -f sbin/rabbitmq-server | head -n 1"
    begins_s = 40

    def work(self):
        with socket.create_connection((here.address(self.name), 8095), 2) as s, s.makefile("rb") as f:
            s.settimeout(5)

            def frame():
                kind, channel, size = struct.unpack(">BHI", exactly(f, 7))
                body = exactly(f, size)
                assert exactly(f, 1) == b"\xce"
                return kind, body

            def say(channel, body, kind=1):
                s.sendall(struct.pack(">BHI", kind, channel, len(body)) + body + b"\xce")

            def method(channel, number, arguments, answer):
                say(channel, struct.pack(">HH", *number) + arguments)
                got = frame()[1]
                assert struct.unpack(">HH", got[:4]) == answer, (number, got)

            s.sendall(b"AMQP\0\0\x09\1")
            assert b"RabbitMQ" in frame()[1]
            method(0, (10, 11), bytes(4) + field(b"PLAIN") + b"\0\0\0\x0c\0guest\0guest" + field(b"en_US"), (10, 30))
            say(0, struct.pack(">HHHIH", 10, 31, 7, 131072, 0))
            method(0, (10, 40), field(b"/", b"") + b"\0", (10, 41))
            method(1, (20, 10), field(b""), (20, 11))
            method(1, (50, 10), bytes(2) + field(b"q") + b"\2" + bytes(4), (50, 11))
            self.n += 1
            text = b"%d" % self.n
            say(1, struct.pack(">HHH", 60, 40, 0) + field(b"", b"q") + b"\0")
            say(1, struct.pack(">HHQH", 60, 0, len(text), 0), 2)
            say(1, text, 3)
            while True:
                method(1, (60, 70), bytes(2) + field(b"q") + b"\1", (60, 71))
                frame()
                got = frame()[1]
                if got == text:
                    break
                # One whose connection was cut before it was asked for.
                assert self.missed and int(got) < self.n, (got, text)


@program
class node_exporter(Program):
    """Go, with MPTCP for listening as new Go programs have."""

    needs = "prometheus-node-exporter"
    start = "GODEBUG=multipathtcp=0 setsid prometheus-node-exporter --web.listen-address=0.0.0.0:8092 </dev/null >/dev/null 2>&1 &"
    pid = "pgrep -f prometheus-node-exporter"

    def work(self):
        assert b"node_" in http(self.name, 8092, "/metrics")


@program
class mariadb(Program):
    """With its files, which are on h1 only; without its io_uring."""

    options = ("--with-files", "--accept", "file-replace")
    needs = "mariadbd"
    start = """mkdir -p /srv/maria
        setsid mariadbd --no-defaults --innodb-use-native-aio=0 --skip-grant-tables --user=root --datadir=/srv/maria --port=8093 --bind-address=0.0.0.0 --socket=/srv/maria/sock </dev/null >/shared/w/maria.log 2>&1 &"""
    pid = "pgrep -x mariadbd"

    def work(self):
        with socket.create_connection((here.address(self.name), 8093), 2) as s, s.makefile("rb") as f:
            s.settimeout(5)

            def packet(wanted=None):
                head = exactly(f, 4)
                got = exactly(f, int.from_bytes(head[:3], "little"))
                assert wanted is None or got[:1] == wanted, got
                return got

            def say(sequence, data):
                s.sendall(len(data).to_bytes(3, "little") + bytes([sequence]) + data)

            assert b"MariaDB" in packet()
            say(1, struct.pack("<IIB23x", 0x8201, 1 << 24, 33) + b"root\0\0")
            packet(b"\0")
            if self.n == 0:
                say(0, b"\3create database if not exists w")
                packet(b"\0")
                say(0, b"\3create or replace table w.t (n int primary key) engine innodb")
                packet(b"\0")
            say(0, b"\3insert ignore into w.t values (%d)" % (self.n + 1))
            packet(b"\0")
            self.n += 1
            say(0, b"\3select count(*), max(n) from w.t")
            for _ in range(4):
                packet()
            # A row: each value after its length.
            want = b"%d" % self.n
            assert packet() == (bytes([len(want)]) + want) * 2, "rows are lost"


@program
class postgres(Program):
    """PostgreSQL does not run as root, and another user's limits cannot be read here."""

    needs = "pg_ctlcluster"
    start = "mkdir -p -m 777 /var/log/postgresql; pg_ctlcluster $(ls /usr/lib/postgresql) main start >/dev/null 2>&1"
    pid = "pgrep -x postgres | head -n 1"
    refused = "limits"

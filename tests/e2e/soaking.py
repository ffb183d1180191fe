# SPDX-License-Identifier: GPL-2.0-or-later
"""A soak: one process is moved to and fro for ever, in every mode, while random things go wrong at random
times; after each round recover is run until it says that all is done, and then exactly one copy lives, with
all of its memory, and nothing is left on the hosts.

A round may be lost only when a host went down that may have held the only copy; the next round then begins
with another process.  All choices come from one seed, printed with each round, so a round can be had again
(but not its times: the hosts have theirs)."""

import random
import sys
import tempfile

from harness import *

LEASE = 3
RECOVER_TRIES = 6

PROGRAM = r'''
import os, socket, sys, time
label, mib, kids, tcp, talk = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
role = 0
PAGE = 4096
pages = mib * 256
block = bytearray(pages * PAGE)
view = memoryview(block)


def content(i, n):
    return (b"%%d.%%d.%%d;" %% (role, i, n)).ljust(64, b"x")


for i in range(pages):
    block[i * PAGE:i * PAGE + 64] = content(i, 0)
versions = [0] * pages
for k in range(kids):
    if os.fork() == 0:
        role = k + 1
        for i in range(pages):
            block[i * PAGE:i * PAGE + 64] = content(i, 0)
        break
log = os.open("/shared/%%s-%%d.log" %% (label, role), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
if tcp and role == 0:
    server = socket.create_server(("127.0.0.1", 0))
    one = socket.create_connection(server.getsockname())
    other, _ = server.accept()
null = os.open("/dev/null", os.O_RDWR)
for fd in (1, 2):
    os.dup2(null, fd)
os.close(null)
n = at = 0
while True:
    n += 1
    word = b"%%d %%d %%d" %% (n, time.time_ns(), os.getpid())
    for _ in range(min(pages, 256)):
        if view[at * PAGE:at * PAGE + 64] != content(at, versions[at]):
            word += b" BAD page %%d" %% at
        if at %% 7 == 0:
            versions[at] = n
            view[at * PAGE:at * PAGE + 64] = content(at, n)
        at = (at + 1) %% pages
    if tcp and role == 0:
        one.sendall(b"%%d\n" %% n)
        if other.recv(100) != b"%%d\n" %% n:
            word += b" BAD answer"
    os.write(log, word + b"\n")
    time.sleep(talk)
'''.replace("%%", "%")

MODES = ("plain", "plain", "precopy", "precopy-whole", "postcopy", "save")


class Soak:
    def __init__(self, name, seed=None, quiet=False):
        self.seed = seed if seed is not None else random.randrange(1 << 30)
        self.lab = Lab(name)
        self.random = random.Random(self.seed)
        self.quiet = quiet
        self.round = self.faults = self.serial = 0
        self.lost = self.two = self.stuck = self.other = 0
        self.allowed = 0  # lost with its host
        self.applied = {}
        self.at = None
        self.power = False  # is cut in this round
        self.later = []
        self.work = tempfile.mkdtemp(prefix="pferry-soak-")
        atexit.register(shutil.rmtree, self.work, True)
        with open(self.lab.shared + "/soak.py", "w") as f:
            f.write(PROGRAM)
        # The lie that a host's CRIU tells lies in /run/lie; without it, it is the true one.
        for host in self.lab.hosts:
            self.sh(host, "mkdir -p /etc/criu; mv /usr/sbin/criu /usr/sbin/criu.true")
            self.write(host, "/usr/sbin/criu", LIAR)
            self.sh(host, "chmod 755 /usr/sbin/criu")
        self.lab.sh_slow, self.lab.sh = self.lab.sh, self.sh
        self.small()

    def sh(self, host, script, *args):
        """As lab.sh(), but in no cgroup of the host's, and in a tenth of the time: a round asks often."""
        try:
            with open("%s/%s/init" % (self.lab.dir, host)) as f:  # "PID START"
                pid = f.read().split()[0]
        except (OSError, IndexError):
            return ""
        return subprocess.run(["nsenter", "-t", pid, "-m", "-p", "-n", "-u", "-i", "-C", "--", "env", "-i", "-C", "/", "HOME=/root",
                               "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", script, *args],
                              capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL).stdout

    def up(self, host):
        return self.sh(host, "echo up").strip() == "up"

    def say(self, text):
        if not self.quiet:
            print(text, flush=True)

    def write(self, host, path, text):
        self.sh(host, 'printf "%s" "$1" >"$2"', "sh", text, path)

    def small(self):
        """Small file systems where images and records go, so that they can be filled; but records outlive a power cut."""
        for host in self.lab.hosts:
            self.sh(host, "grep -q 'small /dev/shm' /proc/mounts || mount -t tmpfs -o size=96m,nr_inodes=20000 small /dev/shm;" +
                        ("umount /var/lib 2>/dev/null" if self.power else
                         "grep -q 'small /var/lib' /proc/mounts || mount -t tmpfs -o size=48m,nr_inodes=20000 small /var/lib"))

    # ---- the process ----

    def start(self):
        r = self.random
        self.serial += 1
        self.label = "soak%d" % self.serial
        self.kids = r.choice((0, 0, 2))
        self.tcp = r.random() < 0.25
        self.mib = r.choice((1, 4, 24)) if not self.kids else 2
        self.at = r.choice(self.lab.hosts)
        out = self.lab.sh_slow(self.at, "mkdir -p /sys/fs/cgroup/demo/soak; cd /; sh -c 'echo $$ >/sys/fs/cgroup/demo/soak/cgroup.procs;"
                                   "exec setsid python3 /shared/soak.py %s %d %d %d 0.02' </dev/null >/dev/null 2>&1 & echo $!" %
                          (self.label, self.mib, self.kids, self.tcp))
        self.pid = int(out)
        wait_for(10, lambda: all(self.lab.count(l) > 2 for l in self.logs()))
        self.checked = {}

    def logs(self):
        return ["%s-%d.log" % (self.label, k) for k in range(self.kids + 1)]

    def procs(self, host):
        """PID -> state of all of it there."""
        out = self.sh(host, "for p in $(pgrep -f '[s]oak.py %s '); do sed -n 's/^State:[[:space:]]*\\(.\\).*/\\1/p' /proc/$p/status |"
                                "sed \"s/^/$p /\"; done" % self.label)
        found = dict(line.split() for line in out.splitlines() if len(line.split()) == 2)
        return {int(p): s for p, s in found.items() if s not in ("Z", "X")}

    def read(self, log, allowed):
        """What is wrong with what it wrote since the last look; `allowed`: how often it may have gone back, None: however often."""
        with open(self.lab.shared + "/" + log, "rb") as f:
            f.seek(self.checked.get(log, (0, 0))[0])
            lines = f.read().split(b"\n")
        at, n = self.checked.get(log, (0, 0))
        wrong, back = [], 0
        for line in lines[:-1]:
            at += len(line) + 1
            words = line.split()
            if b"BAD" in line:
                wrong.append("memory: " + line.decode(errors="replace"))
            if len(words) < 3 or not words[0].isdigit():
                wrong.append("broken line %r" % line)
                continue
            if int(words[0]) != n + 1:
                back += 1
                if allowed is not None and (int(words[0]) > n + 1 or back > allowed):
                    wrong.append("%s: %d after %d" % (log, int(words[0]), n))
            n = int(words[0])
        self.checked[log] = (at, n)
        return wrong

    def leftovers(self):
        return ["%s: %s" % (h, what) for h in self.lab.hosts for what in [self.seen(h)] if what]

    def seen(self, host):
        # Not what looks for it.
        return "\n".join(l for l in self.lab.leftovers(host).splitlines() if "ls -d /var/lib" not in l)

    # ---- faults ----

    def undo(self, seconds, what):
        self.later.append((time.monotonic() + seconds, what))

    def run_undone(self, all_of_them=False):
        now = time.monotonic()
        for item in sorted(self.later, key=lambda i: i[0]):
            if all_of_them or item[0] <= now:
                self.later.remove(item)
                item[1]()

    def signal(self, host, pattern, how, stays):
        """To what fits; a stop ends after a while, or, if it `stays`, only if recover sees to it."""
        if how == "kill":
            self.sh(host, "pkill -9 -f '%s'" % pattern)
            return
        pids = self.sh(host, "for p in $(pgrep -f '%s'); do kill -STOP $p && echo $p; done" % pattern).split()
        if pids and not stays:
            self.undo(self.random.uniform(0.1, 8), lambda: self.sh(host, "kill -CONT " + " ".join(pids) + " 2>/dev/null"))

    def fault_process(self, p, host):
        pattern, stays = self.random.choice([
            ("^(/bin/bash |/bin/sh |sh )?/usr/sbin/criu(.true)? [a-z]", True),
            ("^sh /var/lib/pferry/[^ ]*/[h]and keep", True),
            ("^(/bin/)?sh [^ ]*/[a]ct.sh", True),
            (" [p]ferry-(end) ", False), (" [p]ferry-(send|recv) ", False), ("sshd-session: root@[n]otty", False),
            ("^perl /var/lib/[p]ferry", False)])
        how = self.random.choice(("kill", "kill", "stop"))
        self.signal(host, pattern, how, stays and self.random.random() < 0.5)
        return "%s %s" % (how, pattern)

    def fault_pferry(self, p, host):
        how = self.random.choice(("kill", "kill", "stop", "term", "hup"))
        if how == "stop":
            p.send_signal(signal.SIGSTOP)
            self.undo(self.random.uniform(0.1, 8), lambda: p.send_signal(signal.SIGCONT))
        else:
            p.send_signal({"kill": signal.SIGKILL, "term": signal.SIGTERM, "hup": signal.SIGHUP}[how])
        return "%s pferry" % how

    def fault_cable(self, p, host):
        """Pulled at one host, or at both; or bytes get through one way only."""
        kind = self.random.choice(("cut", "cut", "both", "deaf", "dumb"))
        if kind in ("deaf", "dumb"):
            hook = "input" if kind == "deaf" else "output"
            self.sh(host, "nft 'add table inet cut; add chain inet cut c { type filter hook %s priority -300; policy drop; };"
                              "add rule inet cut c iif lo accept; add rule inet cut c oif lo accept'" % hook)
            self.undo(self.random.uniform(0.2, 10), lambda: self.sh(host, "nft delete table inet cut"))
        else:
            hosts = self.lab.hosts if kind == "both" else [host]
            self.lab.lab("unplug", *hosts)
            self.undo(self.random.uniform(0.2, 10), lambda: self.lab.lab("plug", *hosts))
        return "cable: " + kind

    def fault_apart(self, p, host):
        """The two hosts do not reach one another; pferry reaches both."""
        other = [h for h in self.lab.hosts if h != host][0]
        address = re.search(r"(?ms)^Host %s$.*?HostName\s+(\S+)" % other, open(self.lab.config).read())
        if not address:
            return ""
        self.sh(host, "nft 'add table inet apart; add chain inet apart c { type filter hook output priority -300; };"
                          "add rule inet apart c ip daddr %s drop'" % address.group(1))
        self.undo(self.random.uniform(0.2, 10), lambda: self.sh(host, "nft delete table inet apart"))
        return "hosts apart"

    def fault_disk(self, p, host):
        kind = self.random.choice(("bytes", "bytes", "files"))
        if kind == "bytes":
            self.sh(host, "for d in /dev/shm /var/lib; do ! grep -q \"small $d\" /proc/mounts || head -c 200M /dev/zero >$d/fill; done 2>/dev/null")
        else:
            self.sh(host, "python3 -c '\nimport os\nfor d in (\"/dev/shm\", \"/var/lib\"):\n if not os.path.ismount(d): continue\n os.makedirs(d + \"/fill.d\", exist_ok=True)\n"
                              " try:\n  for i in range(20000): os.close(os.open(d + \"/fill.d/%d\" % i, os.O_CREAT | os.O_WRONLY))\n"
                              " except OSError: pass'")
        self.undo(self.random.uniform(0.5, 10), lambda: self.empty(host))
        return "disk full: " + kind

    def empty(self, host):
        self.sh(host, "rm -rf /dev/shm/fill /var/lib/fill /dev/shm/fill.d /var/lib/fill.d")

    def fault_power(self, p, host):
        self.lab.lab("kill", host)
        self.down.add(host)
        if self.survivor == host:
            self.survivor = None
        other = [h for h in self.lab.hosts if h != host][0]
        if other not in self.down:
            # A process that runs free there must survive whatever happens here.
            ran = other == self.source or self.sh(other, "ls /var/lib/pferry/*/s.running 2>/dev/null")
            free = ran and self.sh(other, "for p in $(pgrep -f '[s]oak.py %s '); do grep -E '^(State|TracerPid)' /proc/$p/status | tr '\\n' ' ';"
                                      "echo; done" % self.label)
            if free and all(re.match(r"State:\s+[SRD].*TracerPid:\s+0 ", line) for line in free.splitlines()):
                self.survivor = other
        self.undo(self.random.uniform(0.5, 6), lambda: self.lab.lab("start", host))
        return "power cut at " + host

    def fault_config(self, p, host):
        text = self.random.choice(("leave-running", "leave-stopped", "lazy-pages", "auto-dedup", "stream", "no-such-option",
                                   "action-script /bin/false", "shell-job", "log-file /dev/full", "network-lock iptables"))
        where = self.random.choice(("/etc/criu/default.conf", "/root/.criu/default.conf", "/etc/criu/runc.conf"))
        self.sh(host, "mkdir -p %s; echo %s >%s" % (os.path.dirname(where), shlex.quote(text), where))
        self.undo(20, lambda: self.sh(host, "rm -rf /etc/criu/*.conf /root/.criu"))
        return "%s: %s" % (where, text)

    def fault_lie(self, p, host):
        lie = self.random.choice(LIES)
        self.write(host, "/run/lie", lie)
        self.undo(20, lambda: self.sh(host, "rm -f /run/lie"))
        return "CRIU lies: " + lie

    KINDS = {fault_process: 10, fault_pferry: 4, fault_cable: 4, fault_apart: 1, fault_disk: 2, fault_power: 2, fault_config: 1,
             fault_lie: 2}

    # ---- a round ----

    def command(self, mode, source, destination):
        r = self.random
        args = ["--lease", str(LEASE)]
        if mode == "save":
            return [PFERRY, "-F", self.lab.config, "save", "--json", *args, "%s:%d" % (source, self.pid), self.file]
        if mode == "precopy-whole":
            args += ["--whole"]
        if mode == "postcopy" and (self.tcp or self.kids):
            mode = "plain"
        self.mode = mode
        args += ["--mode", mode.split("-")[0], "--via", r.choice(("relay", "relay", "direct"))]
        return [PFERRY, "-F", self.lab.config, "move", "--json", *args, "%s:%d" % (source, self.pid), destination]

    def plan(self):
        """The faults of this round, and when: before it begins, at a step of it, or a time after it began."""
        r = self.random
        kinds = list(self.KINDS)
        faults = []
        for _ in range(r.choice((1, 1, 1, 2, 2, 3))):
            kind = r.choices(kinds, [self.KINDS[k] for k in kinds])[0]
            early = kind in (Soak.fault_config, Soak.fault_lie)
            faults.append((0 if early else r.uniform(0.1, 2.2), kind, r.choice(self.lab.hosts)))
        return sorted(faults, key=lambda f: f[0])

    MARKS = ("source: launched", "source: held", "first bytes sent", "all sent", "destination: launched", "destination: held",
             "source: decision", "source: committed", "source: gone", "destination: decision", "destination: went",
             "destination: running")

    def one(self):
        r = self.random
        self.round += 1
        if self.at is None:
            self.start()
        self.down, self.survivor = set(), None
        self.source = source = self.at
        destination = [h for h in self.lab.hosts if h != self.at][0]
        self.mode = mode = r.choice(MODES)
        self.file = self.work + "/round.save"
        faults = self.plan()
        self.power = any(kind == Soak.fault_power for _, kind, _ in faults)
        self.small()
        mark = r.choice(self.MARKS) if r.random() < 0.5 else None
        env = dict(os.environ, XDG_STATE_HOME=self.work)
        if mark:
            env["PFERRY_STOP_AT"] = mark
        did = []
        command = self.command(mode, source, destination)
        while faults and faults[0][0] == 0:
            did.append(self.apply(faults.pop(0), None))
        if not faults:
            env.pop("PFERRY_STOP_AT", None)
        began = time.monotonic()
        p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, env=env,
                             errors="replace")
        if mark and faults:
            # The first at that step, the others after it.
            wait_for(5, lambda: p.poll() is not None or self.state(p) == "T", 0.005)
            did.append(self.apply(faults.pop(0), p))
            if p.poll() is None:
                p.send_signal(signal.SIGCONT)
            began = time.monotonic()
            faults = [(t - 0.5, k, h) for t, k, h in faults]
        while faults:
            time.sleep(max(0, min(0.1, began + faults[0][0] - time.monotonic())))
            self.run_undone()
            if time.monotonic() - began >= faults[0][0]:
                did.append(self.apply(faults.pop(0), p))
        wrong = []
        limit = time.monotonic() + 75
        while p.poll() is None and time.monotonic() < limit:
            self.run_undone()
            if mark and self.state(p) == "T" and not any(self.later):
                p.send_signal(signal.SIGCONT)
            time.sleep(0.05)
        if p.poll() is None:
            wrong.append("stuck: pferry does not end")
            self.evidence("pferry does not end")
            p.send_signal(signal.SIGCONT)
            p.terminate()
            wait_for(10, lambda: p.poll() is not None)
            p.kill()
        out = p.communicate()[0]
        self.keep(out)
        self.all_back()
        self.unasked = any("restore never calls" in d for d in did)
        result = self.last(out)
        what = "%d: seed %d, %s %s(%d)%s %s -> %s; %s" % (self.round, self.seed, self.mode, self.label, self.pid,
                                                         " tcp" if self.tcp else "", source, destination, ", ".join(d for d in did if d))
        if mark:
            what += " at '%s'" % mark
        what += "; %s" % (result.get("outcome") or "exit %s" % p.returncode)
        wrong += self.recover()
        what += "; %s" % self.said
        if mode == "save" and not wrong:
            wrong += self.load()
        wrong += self.judge(source)
        return what, wrong, result

    def state(self, p):
        try:
            return open("/proc/%d/stat" % p.pid).read().rsplit(") ")[1][0]
        except OSError:
            return ""

    def keep(self, text):
        """In a directory of SOAK_KEEP, what a failed round is to be understood from."""
        if os.environ.get("SOAK_KEEP"):
            with open("%s/%d-%d" % (os.environ["SOAK_KEEP"], self.seed, self.round), "a") as f:
                f.write(text + "\n")

    def evidence(self, why):
        for host in self.lab.hosts:
            self.keep("---- %s: %s\n" % (why, host) + self.sh(
                host, "date +%T; for d in /var/lib/pferry/*/; do echo $d; ls --full-time $d; grep . $d/decision $d/fate $d/settled $d/tree $d/keeper"
                      " $d/criu $d/record $d/hook.log; tail -n 30 $d/criu.log; done; ps axfww -o pid,ppid,stat,lstart,args; nft list ruleset; df /dev/shm /var/lib; mount") )

    def last(self, out):
        for line in reversed(out.splitlines()):
            if line.startswith("{"):
                try:
                    return json.loads(line)
                except ValueError:
                    pass
        return {"reason": out[-300:]}

    def apply(self, fault, p):
        self.faults += 1
        said = fault[1](self, p, fault[2])
        name = said.split(" at h")[0] if said.startswith("power") else said
        self.applied[name] = self.applied.get(name, 0) + 1
        return "%s on %s" % (said, fault[2])

    def all_back(self):
        self.run_undone(True)
        self.lab.lab("plug", *[h for h in self.lab.hosts if self.up(h)])
        for host in self.lab.hosts:
            if not self.up(host):
                self.lab.lab("start", host)
            self.sh(host, "for t in cut apart; do nft delete table inet $t 2>/dev/null; done")
            self.empty(host)
        self.small()
        wait_for(10, lambda: self.lab.pferry("ls", *self.lab.hosts).returncode == 0, 0.2)

    def recover(self):
        """Until it says that all is done."""
        self.said = ""
        for n in range(RECOVER_TRIES):
            try:
                run = self.lab.pferry("recover", *self.lab.hosts, timeout=100, env={"XDG_STATE_HOME": self.work})
            except subprocess.TimeoutExpired:
                return ["stuck: recover does not end"]
            self.said = "recover %d: %s" % (run.returncode, " / ".join(run.stdout.strip().splitlines()[-2:])[-300:])
            if run.returncode in (0, 5):  # done, or done and it is lost
                return []
        self.evidence("recover")
        return ["stuck: " + self.said + run.stderr[-200:]]

    def load(self):
        """A saved process resumes at the other host; one that was not saved is where it was."""
        if not os.path.exists(self.file):
            return []
        run = self.lab.pferry("restore", "--json", self.file, self.random.choice(self.lab.hosts), timeout=100, env={"XDG_STATE_HOME": self.work})
        os.unlink(self.file)
        result = self.last(run.stdout)
        if result.get("outcome") == "moved":
            return []
        # One that ran on at the source, or was restored: the file says so.
        return [] if self.alive_anywhere() else ["lost: the file was not restored: %s" % (result.get("reason") or run.stderr[-300:])]

    def alive_anywhere(self):
        return [h for h in self.lab.hosts if self.procs(h)]

    def judge(self, source):
        wrong = []
        copies = {h: s for h in self.lab.hosts for s in [self.procs(h)] if s}
        if len(copies) > 1:
            wrong.append("two: %s" % copies)
        if not copies:
            if self.down and not self.survivor:
                self.allowed += 1
            else:
                wrong.append("lost")
            self.at = None
        for host, procs in copies.items():
            self.at = host
            if len(procs) != self.kids + 1:
                wrong.append("lost: only %s of it on %s" % (procs, host))
            elif not wait_for(2, lambda: all(s in "SRD" for s in self.procs(host).values())):
                wrong.append("stuck: stopped on %s: %s" % (host, self.procs(host)))
            elif not all(self.lab.grows(log) for log in self.logs()):
                wrong.append("stuck: it does not count on %s: %s" % (host, self.procs(host)))
        # A copy without all of its memory was given up, or the host with the newest went down: the older goes on.
        # A copy that CRIU started without asking runs until its keeper has killed it, and what it counted is counted again,
        # perhaps beside the one at the source: what it has of memory is looked at all the same.
        allowed = None if self.unasked else 2 if self.mode in ("postcopy", "precopy") or self.down else 0
        for log in self.logs() if copies else []:
            wrong += self.read(log, allowed)
        left = wait_for(4, lambda: not self.leftovers(), 0.2) and [] or self.leftovers()
        for host in self.lab.hosts:
            more = self.sh(host, "nft list tables 2>/dev/null; tmux ls 2>/dev/null; pgrep -ax 'criu|criu.true'; pgrep -af '[p]erl /var/lib/pferry'")
            if more.strip():
                left.append(host + ": " + more.strip())
        if left:
            wrong.append("left: %s" % left)
        if wrong:
            self.evidence("; ".join(wrong))
            self.fresh()
        return wrong

    def fresh(self):
        """After a failure: nothing of it may spoil the next round."""
        self.at = None
        for host in self.lab.hosts:
            self.sh(host, "pkill -9 -f '[s]oak.py'; pkill -9 -f ' [p]ferry-'; pkill -9 -f 'var/lib/[p]ferry'; pkill -9 -f '[a]ct.sh';"
                              "pkill -9 -f '^(/bin/bash )?/usr/sbin/[c]riu'; pkill -9 -x criu.true")
            # Not in one line with those, whose patterns fit it.
            self.sh(host, "rm -f /run/lie; for m in $(awk '/ \\/(var\\/lib|dev\\/shm)\\/pferry/ { print $2 }' /proc/mounts); do umount -l $m; done;"
                              "rm -rf /var/lib/pferry /dev/shm/pferry* /run/pferry*; nft flush ruleset; tmux kill-server")

    def run(self, faults, seconds=None):
        began = time.monotonic()
        while self.faults < faults and (not seconds or time.monotonic() - began < seconds):
            started = time.monotonic()
            try:
                what, wrong, result = self.one()
            except Exception as e:  # a round that breaks must not hide the others
                what, wrong, result = "round %d of seed %d" % (self.round, self.seed), ["the test broke: %r" % e], {}
                self.later = []
                self.all_back()
                self.fresh()
            if wrong:
                text = "; ".join(wrong)
                self.two += "two:" in text
                self.lost += "lost" in text
                self.stuck += "stuck" in text
                self.other += not re.search("two:|lost|stuck", text)
                not_ok("round " + what, text + " [%s]" % (result.get("reason") or result.get("outcome")))
            else:
                if os.environ.get("SOAK_KEEP"):
                    os.unlink("%s/%d-%d" % (os.environ["SOAK_KEEP"], self.seed, self.round))
                self.say("fine %s (%.0f s)" % (what, time.monotonic() - started))
            if self.random.random() < 0.05 and self.at:
                self.fresh()
        print("soak: seed %d: %d faults in %d rounds, %.0f s: %d lost, %d two, %d stuck, %d otherwise wrong; %d went down with their host" %
              (self.seed, self.faults, self.round, time.monotonic() - began, self.lost, self.two, self.stuck, self.other, self.allowed),
              flush=True)
        return not (self.lost or self.two or self.stuck or self.other)


LIES = ("dump fails", "dump keeps", "dump stops", "dump kills first", "dump never calls", "dump calls twice", "dump garbage", "dump hangs",
        "dump resumes", "restore fails", "restore stops", "restore calls twice", "restore garbage", "restore hangs", "dump hangs after",
        "restore hangs after", "restore never calls", "dump never calls, late")

# A CRIU that disobeys, in the way that /run/lie names.
LIAR = r'''#!/bin/bash
true=/usr/sbin/criu.true
lie=
read -r verb how </run/lie 2>/dev/null
[ "$1" = "$verb" ] || exec $true "$@"
args=("$@")
pid= dir= script=
for ((i = 0; i < $#; i++)); do
	case ${args[i]} in
	-t) pid=${args[i + 1]} ;;
	-W) dir=${args[i + 1]} ;;
	--action-script) script=${args[i + 1]}; at=$((i + 1)) ;;
	esac
done
wrap() { # TEXT: another action script
	printf '#!/bin/sh\n%s\n' "$1" >/run/lie.$$
	chmod 755 /run/lie.$$
	args[at]=/run/lie.$$
}
case $how in
fails) $true "${args[@]}"; exit 1 ;;
refuses) exit 1 ;;
slow)
	# It is at work all the while.
	for ((i = 0; i < 60; i++)); do sleep 0.2; done
	exec $true "${args[@]}"
	;;
keeps) exec $true "${args[@]}" --leave-running ;;
stops) exec $true "${args[@]}" --leave-stopped ;;
'kills first')
	# CRIU was not asked to.
	wrap "[ \$CRTOOLS_SCRIPT_ACTION != post-dump ] || (sleep 0.1; kill -9 $pid) & exec $script"
	exec $true "${args[@]}"
	;;
'never calls' | 'never calls, late')
	[ "$how" = 'never calls' ] || sleep 3
	unset "args[at]" "args[at-1]"
	exec $true "${args[@]}"
	;;
'calls twice')
	wrap "$script && $script"
	exec $true "${args[@]}"
	;;
garbage)
	$true "${args[@]}"
	status=$?
	head -c 300000 /dev/urandom >>"$dir/criu.log"
	exit $status
	;;
hangs) exec sleep 100000 ;;
'hangs after')
	$true "${args[@]}"
	exec sleep 100000
	;;
resumes)
	wrap "$script; status=\$?; kill -CONT $pid; exit \$status"
	exec $true "${args[@]}"
	;;
*) exec $true "${args[@]}" ;;
esac
'''

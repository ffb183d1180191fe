# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of the tests of post-copy: samples that check the sums of all of their memory without
end, so that a page that never came, or came as zeroes, is a last line "BAD" in their log; and
cells: a move with a fault at a point of it, after which one copy runs, and nothing is left."""

from harness import *

LEASE = 6


def limit():
    """CRIU wants larger pipes than a root without CAP_SYS_RESOURCE may make; it is put back.  All labs share it."""
    return int(open("/proc/sys/fs/pipe-max-size").read())


def state_of(pid):
    return open("/proc/%d/stat" % pid).read().rsplit(") ")[1][0]


class Postcopy:
    """A lab, and the options and environment of its moves."""

    def __init__(self, name, *options, mode="postcopy", env=None):
        self.lab = Lab(name)
        self.options = ["--mode", mode, *options]
        self.env = env or {}
        self.serial = 0

    def sample(self, mib="40", *more):
        self.serial += 1
        label = "m%d" % self.serial
        pid = self.lab.sample("h1", "mem", "--as", label, "--mib", mib, *more)
        wait_for(10, lambda: self.lab.count(label + ".log") > 1)
        return pid, label + ".log"

    def bad(self, log):
        return "BAD" in open(self.lab.shared + "/" + log).read()

    def passes(self, log):
        """How often all of its memory was found intact."""
        lines = open(self.lab.shared + "/" + log).read().splitlines()
        return int(lines[-1].split()[5]) if lines else 0

    def goes_on(self, host, pid, log):
        """Two more passes, without a rest between them."""
        self.lab.sh(host, "kill -USR1 %d" % pid)
        before = self.passes(log)
        return wait_for(20, lambda: self.passes(log) > before + 1 or self.bad(log))

    def left(self):
        found = self.lab.clean()
        guards = [h for h in self.lab.hosts if self.lab.sh(h, "pgrep -x perl")]
        return found + ["a guard on " + h for h in guards]

    def hosts_up(self):
        for host in self.lab.hosts:
            if self.lab.lab("exec", host, "true").returncode:
                self.lab.lab("start", host)
        wait_for(10, lambda: self.lab.pferry("ls", "h1", "h2").returncode == 0, 0.3)

    def move(self, pid, source="h1", destination="h2"):
        run = self.lab.pferry("move", "--json", *self.options, "%s:%d" % (source, pid), destination, env=self.env)
        lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
        result = lines[-1] if lines and lines[-1]["event"] == "result" else {"outcome": "none", "reason": run.stderr}
        return result, run.returncode

    def whole(self, name, pid, log, source, destination):
        """Move it, and look at all of its memory."""
        result, code = self.move(pid, source, destination)
        phases = {p["name"]: p for p in result["phases"]}
        wrong = []
        if code != 0 or result["outcome"] != "moved" or result["mode"] != "postcopy":
            wrong.append("exit %d, %s: %s" % (code, result["outcome"], result["reason"]))
        if self.lab.alive(source, pid) or self.lab.alive(destination, pid) not in ("R", "S", "D"):
            wrong.append("it does not run there alone: %r %r" % (self.lab.alive(source, pid), self.lab.alive(destination, pid)))
        if phases["fill"]["bytes"] < 40 << 20 or phases["send"]["bytes"] > 8 << 20:
            wrong.append("bytes before and after it ran: %s" % [(n, p["bytes"]) for n, p in phases.items()])
        if not self.goes_on(destination, pid, log) or self.bad(log):
            wrong.append("its memory is not what it was")
        check(name, not wrong, "; ".join(wrong))
        return result

    # ---- faults ----

    def begin(self, pid, at):
        """A move that pferry stops at a point of its time line; None when it did not come there."""
        p = subprocess.Popen([PFERRY, "-F", self.lab.config, "move", "--json", *self.options, "--lease", str(LEASE), "h1:%d" % pid,
                              "h2"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
                             env=dict(os.environ, PFERRY_STOP_AT=at, **self.env))
        stopped = wait_for(60, lambda: p.poll() is not None or state_of(p.pid) == "T", 0.005)
        if stopped and p.poll() is None:
            return p
        p.kill()
        return None

    def finish(self, p, outcomes, wrong, survives=True):
        """Let it end, or recover; the result and what became of it."""
        p.send_signal(signal.SIGCONT)
        try:
            out = p.communicate(timeout=90)[0]
        except subprocess.TimeoutExpired:
            p.kill()
            wrong.append("pferry did not end")
            out = p.communicate()[0]
        result = json.loads(out.splitlines()[-1]) if out.strip() else {}
        outcome = result.get("outcome", "killed")
        self.hosts_up()
        if outcome not in ("moved", "rolled-back"):
            recovered = self.lab.pferry("recover", "h1", "h2")
            # Where no copy survives, recover says so: lost, exit status 5.
            if recovered.returncode != (0 if survives else 5):
                wrong.append("recover: " + recovered.stdout[-200:])
            outcome = "moved" if "Finished" in recovered.stdout else outcome
        if outcome not in outcomes:
            wrong.append("%s: %s" % (outcome, result.get("reason")))
        return result, outcome

    def one_copy(self, pid, log, outcome, survives, wrong):
        copies = [h for h in self.lab.hosts if self.lab.alive(h, pid)]
        if len(copies) != survives:
            wrong.append("%d copies" % len(copies))
        if copies and not wait_for(3, lambda: self.lab.alive(copies[0], pid) in ("S", "R", "D")):
            wrong.append("it is stopped")
        if copies and copies[0] != ("h2" if outcome == "moved" else "h1"):
            wrong.append("it runs on " + copies[0])
        if copies and not self.goes_on(copies[0], pid, log):
            wrong.append("it does not go on")
        if self.bad(log):
            wrong.append("its memory is not what it was")
        left = self.left()
        if left:
            wrong.append("left: %s" % left)
        for host in copies:
            self.lab.sh(host, "kill -9 %d" % pid)

    def cell(self, name, at, fault, outcomes, survives=True, mib="160"):
        # Large, so that not all of it has come before pferry is stopped, also on a busy machine.
        began = time.monotonic()
        pid, log = self.sample(mib)
        p = self.begin(pid, at)
        if not p:
            not_ok(name, "pferry did not come to this point")
            return
        wrong = fault(p, pid, log) or []
        result, outcome = self.finish(p, outcomes, wrong, survives)
        self.one_copy(pid, log, outcome, survives, wrong)
        check(name, not wrong, "; ".join(wrong))
        print("# %.0f s, %s" % (time.monotonic() - began, result.get("reason", "")))

    # ---- kinds of faults ----

    def runs(self, fault):
        """As soon as it runs there: for a pferry that was stopped before it did, since when no memory comes."""
        def then(p, pid, log):
            if not wait_for(20, lambda: self.lab.sh("h2", "ls /var/lib/pferry/*/s.running 2>/dev/null"), 0.05):
                return ["it does not run there"]
            return fault(p, pid, log)
        return then

    def kills(self, host, what):
        return lambda p, pid, log: self.lab.sh(host, "pkill -9 -f '%s'; true" % what) and None

    def waits(self, p, pid, log):
        """The lease runs out, and the source goes on by itself."""
        if not wait_for(LEASE + 6, lambda: self.lab.alive("h1", pid) in ("S", "R", "D")):
            return ["the source did not go on when the lease ran out"]
        return None

    def downs(self, host):
        """And pferry, which would wait a minute for it to come back."""
        def fault(p, pid, log):
            self.lab.lab("kill", host)
            p.kill()
        return fault

    def kill_pferry(self, p, pid, log):
        p.kill()
        p.wait()
        # The copy lacks pages that will not come; the other stays stopped.
        if not wait_for(10, lambda: not self.lab.alive("h2", pid)):
            return ["the copy was not killed"]
        if self.lab.alive("h1", pid) != "T":
            return ["the source is not stopped but " + self.lab.alive("h1", pid)]
        return None

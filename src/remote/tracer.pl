# SPDX-License-Identifier: GPL-2.0-or-later
# tracer.pl: the guard of memory that comes when its tree runs already.  It lies in
# the move's directory at the destination as D/tracer.
#
#   tracer D PID MACHINE   trace the daemon PID until it ends; returns once it does
#
# When CRIU's daemon ends, however, the kernel closes its userfaultfds, and gives the
# tree zeroes for all that is missing.  A traced process stops before that, on its
# way out (PTRACE_EVENT_EXIT, ptrace(2), for SIGKILL too): so if it did not end well
# the tree is killed first, and whoever waits for what is missing goes on waiting
# until then.  To keep a copy of its descriptors would not do: those it closes
# itself when a process is complete would still be in its epoll set.
# That it ended well is noted as D/fed.
use strict;
use warnings;

use constant { SEIZE => 0x4206, LISTEN => 0x4208, EVENT_MESSAGE => 0x4201, CONTINUE => 7, TRACE_EXIT => 0x40 };

# ptrace and wait4
my %numbers = (
	x86_64 => [101, 61], aarch64 => [117, 260], riscv64 => [117, 260], loongarch64 => [117, 260],
	ppc64le => [26, 114], s390x => [26, 114],
);
my ($dir, $pid, $machine) = @ARGV;
my ($ptrace, $wait4) = @{$numbers{$machine} // exit 1};
$pid += 0;
pipe(my $ready, my $told) or exit 1;
my $child = fork // exit 1;
if ($child) {
	close $told;
	exit(sysread($ready, my $byte, 1) ? 0 : 1);
}
close $ready;
exit 1 if syscall($ptrace, SEIZE, $pid, 0, TRACE_EXIT) != 0;
if (open(my $file, '>', "$dir/guard") && open(my $stat, '<', "/proc/$$/stat")) {
	my ($fields) = join('', <$stat>) =~ /.*\) (.*)/s;
	print $file "$$ ", (split / /, $fields)[19], "\n";
}
syswrite($told, '1');
close $told;

# It ends: well, with 0, or not.
sub ends {
	my $status = pack('L!', 0);
	syscall($ptrace, EVENT_MESSAGE, $pid, 0, $status);
	if (unpack('L!', $status) == 0) {
		open(my $file, '>', "$dir/fed");
	} elsif (-e "$dir/s.went" || -e "$dir/s.running") {
		system('sh', "$dir/hand", 'lazy', $dir, 'kill-copy');
	}
}

while (1) {
	my $bytes = pack('i', 0);
	last if syscall($wait4, $pid, $bytes, 0x40000000, 0) < 0; # __WALL
	my $status = unpack('i', $bytes);
	last if ($status & 0xff) != 0x7f;
	my ($signal, $event) = ($status >> 8 & 0xff, $status >> 16);
	ends() if $event == 6;                  # PTRACE_EVENT_EXIT
	if ($event == 128) {                    # PTRACE_EVENT_STOP
		syscall($ptrace, LISTEN, $pid, 0, 0);
	} else {
		syscall($ptrace, CONTINUE, $pid, 0, $event ? 0 : $signal);
	}
}

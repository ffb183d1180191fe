# SPDX-License-Identifier: GPL-2.0-or-later
# join.pl: the memory of a post-copy by the direct way.  It lies in the move's
# directory as D/join.
#
#   join from D             at the source, its input and output joined to an ssh: when
#                           the other end is ready, wait for CRIU and carry its bytes
#   join to D               at the destination, run by that ssh: the same for CRIU's daemon
#   join with D COMMAND...  run COMMAND, which is CRIU, with a connection to one of those
#
# No port is opened: CRIU is given a connection to the socket D/pages.sock, and
# only root comes to D.  One connection is taken; when it or the ssh ends, so does
# the other.
# "from" tells pferry on descriptor 3: "ready", "at BYTES", "fail CODE SENTENCE".
use strict;
use warnings;
use Socket;

my ($verb, $dir, @command) = @ARGV;
my $address = pack_sockaddr_un("$dir/pages.sock");
my $told = 0;
my $pferry;

sub tell_pferry {
	syswrite($pferry, "$_[0]\n") if $pferry;
}

sub put {
	my ($to, $data) = @_;
	my $at = 0;
	while ($at < length $data) {
		$at += syswrite($to, $data, length($data) - $at, $at) // return;
	}
	return 1;
}

# All that comes, until one of the two ends.
sub carry {
	my ($from, $to, $telling) = @_;
	my $bytes = 0;
	while (sysread($from, my $data, 1 << 18)) {
		put($to, $data) or last;
		$bytes += length $data;
		next if !$telling || time == $told;
		$told = time;
		tell_pferry("at $bytes");
	}
	tell_pferry("at $bytes") if $telling;
}

# CRIU sends whole chunks: the larger the socket's room, the fewer turns.
sub widen {
	setsockopt($_[0], SOL_SOCKET, 32, pack('i', 4 << 20)); # SO_SNDBUFFORCE
}

sub run_with {
	$^F = 255; # the socket outlives exec
	my $s;
	if (!socket($s, PF_UNIX, SOCK_STREAM, 0) || !connect($s, $address)) {
		my $why = $!;
		open(my $log, '>>', "$dir/criu.log");
		print $log "Error (join): its memory has no way to the other host: $why\n";
		exit 1;
	}
	widen($s);
	exec @command, '--ps-socket', fileno $s or die "no $command[0]: $!\n";
}

# The first line that comes: byte by byte, since what follows is CRIU's.
sub first_line {
	my $line = '';
	while (length $line < 200 && sysread(STDIN, my $byte, 1)) {
		return $line if $byte eq "\n";
		$line .= $byte;
	}
	return $line;
}

# CRIU's connection, and what came of the other side meanwhile; nothing when that ended.
sub await_criu {
	my ($listener) = @_;
	my $early = '';
	while (1) {
		my $ready = '';
		vec($ready, fileno $listener, 1) = 1;
		vec($ready, fileno STDIN, 1) = 1;
		next if select($ready, undef, undef, undef) < 0;
		if (vec($ready, fileno $listener, 1)) {
			accept(my $criu, $listener) or return;
			return ($criu, $early);
		}
		sysread(STDIN, $early, 1 << 16, length $early) or return;
	}
}

sub join_criu {
	my ($listener) = @_;
	my ($criu, $early) = await_criu($listener);
	unlink "$dir/pages.sock";
	exit 1 if !$criu;
	close $listener;
	widen($criu);
	my $child = fork // exit 1;
	if (!$child) {
		carry(*STDIN, $criu) if put($criu, $early);
		# Whoever still writes to it is not heard any more.
		shutdown($criu, 2);
		exit 0;
	}
	carry($criu, *STDOUT, $pferry);
	kill 'KILL', $child;
	waitpid($child, 0);
}

run_with() if $verb eq 'with';
$SIG{PIPE} = 'IGNORE';
if ($verb eq 'from') {
	open($pferry, '>&=', 3) or exit 1;
	my $said = first_line();
	tell_pferry($said) if $said =~ /^fail /;
	exit 1 if $said ne 'ready';
}
unlink "$dir/pages.sock";
my $listener;
if (!socket($listener, PF_UNIX, SOCK_STREAM, 0) || !bind($listener, $address) || !listen($listener, 1)) {
	my $why = "fail no-socket no socket for its memory: $!";
	tell_pferry($why);
	put(*STDOUT, "$why\n") if !$pferry;
	exit 1;
}
if ($verb eq 'from') {
	tell_pferry('ready');
} else {
	put(*STDOUT, "ready\n") or exit 1;
}
join_criu($listener);

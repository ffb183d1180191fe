# SPDX-License-Identifier: GPL-2.0-or-later
# ahead.pl: memory copied ahead where the kernel does not track what is written to.
#
#   ahead able PID               true when it can be done for that process
#   ahead round D K              in a round of a pre-copy: read the memory of the
#                                processes listed in D/ahead-tree ("PID START"), which
#                                run on, into I/rK; prints the bytes written
#   ahead serve D COMMAND...     become COMMAND, a CRIU that dumps, with a page
#                                server of its own on a socket pair
#
# A round holds CRIU's images of memory: pagemap-ID.img says which pages are there
# (CRIU's images/pagemap.proto) and pages-N.img has them; pagemap-shmem-INODE.img
# does so for memory that processes share.  A page that is byte for byte what the
# rounds before have is only said to be there (PE_PARENT).  The page
# server does the same with what CRIU sends while the tree is frozen (the protocol
# is in CRIU's criu/page-xfer.c), so only what changed since is left to be sent,
# and a restore reads the rest from the rounds, here and at the destination, which
# has the same bytes.  Nothing is guessed: each page is compared.
use strict;
use warnings;

use constant {
	SEEK_DATA => 3, SEEK_HOLE => 4,
	PIECE => 1 << 18,                                    # bytes compared at once
	ADD => 1, OPEN => 3, OPEN2 => 4, IN_PARENT => 5,
	TASK => 1,                                           # one kind of what CRIU sends; the other is shared memory
};

do 'parts/images.pl';

# ---- writing one ----

# writer DIR ID NUMBER LEVELS: images of one process, or of shared memory.
sub writer {
	my ($dir, $id, $number, $levels) = @_;
	my $w = { levels => $levels, bytes => 0, run => undef, text => '' };
	open($w->{map}, '>:raw', "$dir/pagemap-$id.img") or die "cannot write images: $!\n";
	open($w->{pages}, '>:raw', "$dir/pages-$number.img") or die "cannot write images: $!\n";
	put($w->{map}, pagemap_head($number));
	return $w;
}

# note: so many pages from an address on are of that kind.
sub note {
	my ($w, $at, $count, $flags) = @_;
	my $run = $w->{run};
	if ($run && $run->[2] == $flags && $run->[0] + $run->[1] * $page == $at) {
		$run->[1] += $count;
		return;
	}
	$w->{text} .= pagemap_entry(@$run) if $run;
	$w->{run} = [$at, $count, $flags];
	return if length $w->{text} < 1 << 16;
	put($w->{map}, $w->{text});
	$w->{text} = '';
}

sub keep {
	my ($w, $at, $bytes, $flags) = @_;
	put($w->{pages}, $bytes);
	note($w, $at, length($bytes) / $page, $flags);
	$w->{bytes} += length $bytes;
}

# add: memory as it is now; kept where the rounds have something else.
sub add {
	my ($w, $at, $new, $old, $flags) = @_;
	if (!defined $old) {
		keep($w, $at, $new, $flags);
		return;
	}
	if ($old eq $new) {
		note($w, $at, length($new) / $page, PARENT | $flags & LAZY);
		return;
	}
	for (my $i = 0; $i < length $new; $i += $page) {
		my $now = substr($new, $i, $page);
		if ($now eq substr($old, $i, $page)) {
			note($w, $at + $i, 1, PARENT | $flags & LAZY);
		} else {
			keep($w, $at + $i, $now, $flags);
		}
	}
}

# add_from: so many bytes that read() gives, piece by piece; false when it gives
# no more.
sub add_from {
	my ($w, $at, $length, $flags, $read) = @_;
	while ($length > 0) {
		my ($file, $where, $n) = look_up($w->{levels}, $at, $length < PIECE ? $length : PIECE);
		my ($new, $old) = ($read->($at, $n));
		return 0 unless defined $new;
		if ($file) {
			sysseek($file, $where, 0);
			$old = take($file, $n);
		}
		add($w, $at, $new, $old, $flags);
		$at += $n;
		$length -= $n;
	}
	return 1;
}

sub finish {
	my ($w) = @_;
	$w->{text} .= pagemap_entry(@{$w->{run}}) if $w->{run};
	put($w->{map}, $w->{text});
	close $w->{map} or die "cannot write images: $!\n";
	close $w->{pages} or die "cannot write images: $!\n";
}

# ---- a round ----

# The pid that the process has for itself, by which CRIU names its images.
sub own_pid {
	my ($pid) = @_;
	open(my $f, '<', "/proc/$pid/status") or return $pid;
	for (<$f>) {
		return $1 if /^NSpid:.*?(\d+)$/;
	}
	return $pid;
}

# The dump has been called off.
sub called_off { return -e "$_[0]/decision" || !-e "$_[0]/images" }

# anonymous RUN: the memory of its own that is there between two addresses, as
# pairs.  In /proc/PID/pagemap bit 63 is present, 62 swapped, 61 of a file or shared.
sub anonymous {
	my ($pagemap, $from, $to) = @_;
	my @found;
	while ($from < $to) {
		my $n = ($to - $from) / $page;
		$n = 4096 if $n > 4096;
		sysseek($pagemap, $from / $page * 8, 0);
		my $bytes = take($pagemap, $n * 8);
		last unless defined $bytes;
		for my $entry (unpack('Q*', $bytes)) {
			if ($entry >> 62 && !($entry >> 61 & 1)) {
				if (@found && $found[-1][1] == $from) {
					$found[-1][1] += $page;
				} else {
					push @found, [$from, $from + $page];
				}
			}
			$from += $page;
		}
	}
	return @found;
}

sub read_ahead {
	my ($dir, $pid, $w) = @_;
	open(my $maps, '<', "/proc/$pid/maps") or return;
	open(my $mem, '<:raw', "/proc/$pid/mem") or return;
	open(my $pagemap, '<:raw', "/proc/$pid/pagemap") or return;
	my $read = sub {
		my ($at, $n) = @_;
		die "called off\n" if called_off($dir);
		sysseek($mem, $at, 0) or return undef;
		return take($mem, $n);
	};
	for (<$maps>) {
		my ($from, $to, $kind, $rest) = /^([0-9a-f]+)-([0-9a-f]+) ...(.)(.*)/ or next;
		next if $kind eq 's' || $rest =~ /\[v[a-z_]*\]$/;
		no warnings 'portable';
		add_from($w, $_->[0], $_->[1] - $_->[0], PRESENT, $read) for anonymous($pagemap, hex $from, hex $to);
	}
}

# shared PID FILES: note memory that it shares with others, or may: by the inode, as
# CRIU names it, a file to read it from.
sub shared {
	my ($pid, $files) = @_;
	open(my $maps, '<', "/proc/$pid/maps") or return;
	for (<$maps>) {
		my ($from, $to, $inode) = m,^([0-9a-f]+)-([0-9a-f]+) ...s \S+ \S+ (\d+) +/(?:dev/zero|memfd:.*) \(deleted\)$, or next;
		no warnings 'portable';
		$files->{$inode} //= sprintf '/proc/%d/map_files/%x-%x', $pid, hex $from, hex $to;
	}
	# What is not mapped just now.
	for my $fd (glob "/proc/$pid/fd/*") {
		next unless (readlink $fd // '') =~ m,^/memfd:,;
		my $inode = (stat $fd)[1] // next;
		$files->{$inode} //= $fd;
	}
}

# Of holes nothing is read: that would fill them.
sub read_shared {
	my ($dir, $file, $w) = @_;
	my $read = sub {
		my ($at, $n) = @_;
		die "called off\n" if called_off($dir);
		sysseek($file, $at, 0) or return undef;
		return take($file, $n);
	};
	my $at = 0;
	while (defined(my $from = sysseek($file, $at, SEEK_DATA))) {
		$at = sysseek($file, $from, SEEK_HOLE) // return;
		# Of the last page there may be a part.
		add_from($w, $from + 0, $at - $from - ($at - $from) % $page, PRESENT, $read) or return;
	}
}

# The directories of the rounds up to one, the newest first.
sub rounds {
	my ($images, $last) = @_;
	return map { "$images/r$_" } reverse 1 .. $last;
}

sub round {
	my ($dir, $k) = @_;
	my $images = first_line("$dir/images");
	my ($number, $bytes, %shared) = (0, 0);
	open(my $tree, '<', "$dir/ahead-tree") or die "no tree: $!\n";
	for (<$tree>) {
		my ($pid) = /^(\d+) / or next;
		my $id = own_pid($pid);
		my $w = writer("$images/r$k", $id, ++$number, levels($id, rounds($images, $k - 1)));
		read_ahead($dir, $pid, $w);
		finish($w);
		$bytes += $w->{bytes};
		shared($pid, \%shared);
	}
	for my $inode (sort keys %shared) {
		open(my $file, '<:raw', $shared{$inode}) or next;
		my $w = writer("$images/r$k", "shmem-$inode", ++$number, levels("shmem-$inode", rounds($images, $k - 1)));
		read_shared($dir, $file, $w);
		finish($w);
		$bytes += $w->{bytes};
	}
	symlink('../r' . ($k - 1), "$images/r$k/parent") if $k > 1;
	print "$bytes\n";
}

# ---- the page server ----

sub serve {
	my ($socket, $images, $last) = @_;
	my (%writers, $number);
	# The tree is frozen: should each wait for the other, the dump is to fail.
	local $SIG{ALRM} = sub { die "CRIU has sent nothing for a minute\n" };
	alarm 60;
	# CRIU 4.2 counts pages in 64 bits, which makes its header longer.  The
	# first one has neither pages nor an address, only who is meant; unless a
	# dump that failed early says goodbye.
	my $header = take($socket, 24) // return;
	my $first = unpack('L', $header) & 0xffff;
	my ($size, $shape) = unpack('Q', substr($header, 16)) || $first == CLOSE || $first == FORCE_CLOSE ? (24, 'LLQQ') : (32, 'Lx4QQQ');
	$header .= take($socket, $size - 24) // return if $size > 24;
	while (defined $header) {
		my ($command, $count, $at, $who) = unpack($shape, $header);
		my $flags = $command >> 16;
		$command &= 0xffff;
		if ($command == OPEN || $command == OPEN2) {
			my $id = ($who & 255) == TASK ? $who >> 8 : 'shmem-' . ($who >> 8);
			$writers{$who} = writer($images, $id, ++$number, levels($id, rounds($images, $last)));
			# It has no parent: CRIU is to send all.
			put($socket, "\0") if $command == OPEN2;
		} elsif ($command == IN_PARENT) {
			put($socket, pack('l', 0));
		} elsif (($command == ADD_F || $command == ADD) && $writers{$who}) {
			$flags = PRESENT if $command == ADD;
			if ($flags & PRESENT) {
				add_from($writers{$who}, $at, $count * $page, $flags, sub { take($socket, $_[1]) }) or return;
			} else {
				note($writers{$who}, $at, $count, $flags);
			}
		} elsif ($command == CLOSE || $command == FORCE_CLOSE) {
			finish($_) for values %writers;
			# Not before: CRIU would look for more than memory there.
			symlink("r$last", "$images/parent") or die "cannot write images: $!\n";
			put($socket, pack('l', 0));
			return;
		} else {
			die "CRIU asked its page server for what it does not know ($command)\n";
		}
		alarm 60;
		$header = take($socket, $size);
	}
}

# The server must not be CRIU's child; it ends with the socket.
sub run_served {
	my ($dir, @command) = @_;
	my $images = first_line("$dir/images");
	my ($last) = first_line("$dir/prev") =~ /^r(\d+)$/ or die "no round went before\n";
	$^F = 255;                                           # the socket outlives exec
	socketpair(my $mine, my $its, 1, 1, 0) or die "no socket pair: $!\n";
	setsockopt($_, 1, 7, pack('i', 1 << 20)) for $mine, $its; # SOL_SOCKET, SO_SNDBUF
	my $child = fork // die "no process: $!\n";
	if (!$child) {
		exit 0 if fork;
		close $its;
		$SIG{PIPE} = 'IGNORE';
		return if eval { serve($mine, $images, $last); 1 };
		if (open(my $log, '>>', "$dir/ahead.log")) {
			print $log "Error (ahead): $@";
		}
		exit 1;
	}
	waitpid($child, 0);
	close $mine;
	exec @command, '--page-server', '--ps-socket', fileno $its or die "no $command[0]: $!\n";
}

my ($verb, @args) = @ARGV;
if ($verb eq 'able') {
	exit 1 unless eval { pack 'Q', 1 } && page_size();
	open(my $mem, '<:raw', "/proc/$args[0]/mem") or exit 1;
	open(my $pagemap, '<:raw', "/proc/$args[0]/pagemap") or exit 1;
} elsif ($verb eq 'round') {
	round(@args);
} elsif ($verb eq 'serve') {
	run_served(@args);
}

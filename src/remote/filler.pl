# SPDX-License-Identifier: GPL-2.0-or-later
# filler.pl: memory that is put in place while its tree runs already.  It lies in
# the move's directory at the destination as D/filler.
#
#   filler D COMMAND...  become COMMAND, CRIU's daemon for lazy pages, with a page
#                        server of its own on a socket pair
#
# All images are here, the last ones and those of the rounds below them.  CRIU's
# daemon cannot read through those by itself: it looks at D/view, where the last
# images say of all that can come later that they have it, and asks the page
# server for what it needs, which reads it from where it is.
# What cannot come later (CRIU marks what can) the restore itself reads first.
use strict;
use warnings;

do 'parts/images.pl';

my ($dir, @command) = @ARGV;

# The directories of the images, the newest first.
sub chain {
	my @chain = ($_[0]);
	while (@chain < 1000 && defined(my $to = readlink "$chain[-1]/parent")) {
		my ($round) = $to =~ m,^(?:\.\./)?(r\d+)$, or die "$to is no round\n";
		push @chain, "$_[0]/$round";
	}
	return @chain;
}

# The mappings that can be filled in later, as CRIU sees it (vma_entry_can_be_lazy in
# its criu/include/vma.h): anonymous, private, not locked, of no huge pages, and
# none of the kernel's own.  "FROM TO" each, in order.
sub lazy_mappings {
	my ($file) = @_;
	open(my $mm, '<:raw', $file) or die "cannot read $file: $!\n";
	my $bytes = join '', <$mm>;
	my @found;
	for my $vma (@{parts(substr($bytes, 12, unpack('L', substr($bytes, 8, 4))))->{14} // []}) {
		my %v = map { $_ => $vma->{$_}[0] } keys %$vma;
		next if ($v{6} & 0x22) != 0x22 || $v{6} & 0x42080 || $v{7} & 0x100c;
		push @found, [$v{1}, $v{2}];
	}
	return \@found;
}

# The fields of a message, a list each; those of 14, mappings, are messages again.
sub parts {
	my ($bytes) = @_;
	my ($at, %field) = (0);
	my $number = sub {
		my ($value, $shift, $c) = (0, 0, 128);
		while ($c & 128) {
			$c = ord substr($bytes, $at++, 1);
			$value |= ($c & 127) << $shift;
			$shift += 7;
		}
		return $value;
	};
	while ($at < length $bytes) {
		my $tag = $number->();
		my $kind = $tag & 7;
		my $value = 0;
		if ($kind == 0) {
			$value = $number->();
		} elsif ($kind == 2) {
			my $n = $number->();
			$value = $tag >> 3 == 14 ? parts(substr($bytes, $at, $n)) : 0;
			$at += $n;
		} elsif ($kind == 1 || $kind == 5) {
			$at += $kind == 1 ? 8 : 4;
		} else {
			die "what is no message\n";
		}
		push @{$field{$tag >> 3}}, $value;
	}
	return \%field;
}

# CRIU marks what can come later where it dumps it, so of what is in the rounds only
# these say so.  A mapping may have become another since: both must agree.
sub mark {
	my ($images, $id, $levels, $runs) = @_;
	my (@marked, $mappings);
	for my $run (@$runs) {
		my ($at, $count, $flags) = @$run;
		if (!($flags & PARENT) || $flags & LAZY) {
			push @marked, $run;
			next;
		}
		$mappings //= lazy_mappings("$images/mm-$id.img");
		my $to = $at + $count * $page;
		while ($at < $to) {
			my ($file, undef, $n, $kind) = look_up($levels, $at, $to - $at);
			defined $file or die "no image has what is at $at\n";
			shift @$mappings while @$mappings && $mappings->[0][1] <= $at;
			my ($from, $end) = @$mappings ? @{$mappings->[0]} : ($to, $to);
			my $lazy = $from <= $at;
			my $until = $lazy ? $end : $from;
			$n = $until - $at if $until - $at < $n;
			push @marked, [$at, $n / $page, $flags | ($lazy ? $kind & LAZY : 0)];
			$at += $n;
		}
	}
	return \@marked;
}

sub write_map {
	my ($file, $number, $runs) = @_;
	open(my $map, '>:raw', "$file.new") or die "cannot write $file: $!\n";
	put($map, join '', pagemap_head($number), map { pagemap_entry(@$_) } @$runs);
	close $map && rename("$file.new", $file) or die "cannot write $file: $!\n";
}

# What the daemon looks at: all images, but of a process's memory only what can
# come later, as if it was all in the last ones.
sub make_view {
	my ($images, $view, $chain) = @_;
	my %levels;
	mkdir $view or die "cannot make $view: $!\n";
	for my $file (glob "$images/*.img") {
		my ($name) = $file =~ m,([^/]+)$,;
		if ($name !~ /^pagemap-(\d+)\.img$/) {
			symlink($file, "$view/$name") or die "cannot make $view: $!\n";
			next;
		}
		my $id = $1;
		$levels{$id} = levels($id, @$chain);
		my $last = $levels{$id}[0] or die "cannot read $file\n";
		my $number = $last->{number};
		my @runs = map { my ($from, $to, undef, $flags) = unpack 'QqqQ', $_; [$from, ($to - $from) / $page, $flags] }
			unpack '(a32)*', $last->{runs};
		my $marked = mark($images, $id, $levels{$id}, \@runs);
		write_map($file, $number, $marked) if @$marked != @runs || grep { $marked->[$_][2] != $runs[$_][2] } 0 .. $#runs;
		write_map("$view/$name", $number, [map { [$_->[0], $_->[1], PRESENT | LAZY] } grep { $_->[2] & LAZY } @$marked]);
	}
	return \%levels;
}

# What CRIU asks for: so many pages of a process from an address on.
sub give {
	my ($socket, $levels, $at, $length) = @_;
	while ($length > 0) {
		my ($file, $where, $n) = look_up($levels, $at, $length < 1 << 18 ? $length : 1 << 18);
		defined $file or die "no image has what is at $at\n";
		sysseek($file, $where, 0);
		put($socket, take($file, $n) // die "an image is too short\n");
		$at += $n;
		$length -= $n;
	}
}

sub serve {
	my ($socket, $levels) = @_;
	my $header = take($socket, 24) // return;
	# CRIU 4.2 counts pages in 64 bits, which makes its header longer.  Where it
	# has the count others have an address, and none is that low.
	my ($size, $shape) = unpack('Q', substr($header, 8)) >= 1 << 16 ? (24, 'LLQQ') : (32, 'Lx4QQQ');
	$header .= take($socket, $size - 24) // return if $size > 24;
	while (defined $header) {
		my ($command, $count, $at, $who) = unpack($shape, $header);
		if ($command == GET && $levels->{$who}) {
			put($socket, pack($shape, ADD_F | PRESENT << 16, $count, $at, $who));
			give($socket, $levels->{$who}, $at, $count * $page);
		} elsif ($command == CLOSE || $command == FORCE_CLOSE) {
			put($socket, pack('l', 0));
			return;
		} else {
			die "CRIU asked for what is not known ($command)\n";
		}
		$header = take($socket, $size);
	}
}

my $images = first_line("$dir/images");
my $levels = make_view($images, "$dir/view", [chain($images)]);
$^F = 255; # the socket outlives exec
socketpair(my $mine, my $its, 1, 1, 0) or die "no socket pair: $!\n";
setsockopt($_, 1, 7, pack('i', 4 << 20)) for $mine, $its; # SOL_SOCKET, SO_SNDBUF
my $child = fork // die "no process: $!\n";
if ($child) {
	waitpid($child, 0);
	close $mine;
	exec @command, '--ps-socket', fileno $its or die "no $command[0]: $!\n";
}
# The server must not be the daemon's child; it ends with the socket.
exit 0 if fork;
close $its;
$SIG{PIPE} = 'IGNORE';
exit 0 if eval { serve($mine, $levels); 1 };
if (open(my $log, '>>', "$dir/lazy.log")) {
	print $log "Error (filler): $@";
}
exit 1;

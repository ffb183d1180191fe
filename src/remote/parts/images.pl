# SPDX-License-Identifier: GPL-2.0-or-later
# ---- CRIU's images of memory, and the page server's words ----
# The protocol is in CRIU's criu/page-xfer.c.
use constant {
	PARENT => 1, LAZY => 2, PRESENT => 4,
	ADD_F => 6, GET => 7, CLOSE => 0x1023, FORCE_CLOSE => 0x1024,
};

my $page = page_size();

# From the kernel's auxiliary vector: pairs, AT_PAGESZ is 6.
sub page_size {
	open(my $f, '<:raw', '/proc/self/auxv') or die "no /proc: $!\n";
	my %aux = unpack('J*', join '', <$f>);
	return $aux{6} || 4096;
}

sub put {
	my ($file, $bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) {
		my $n = syswrite($file, $bytes, length($bytes) - $at, $at);
		die "cannot write images: $!\n" unless defined $n;
		$at += $n;
	}
}

# Exactly so many bytes, or undef at the end.
sub take {
	my ($file, $n) = @_;
	my $bytes = '';
	while (length $bytes < $n) {
		my $got = sysread($file, $bytes, $n - length $bytes, length $bytes);
		return undef unless $got;
	}
	return $bytes;
}

sub first_line {
	open(my $f, '<', $_[0]) or die "cannot read $_[0]: $!\n";
	chomp(my $line = <$f> // '');
	return $line;
}

sub varint {
	my ($n) = @_;
	my $bytes = '';
	while ($n > 127) {
		$bytes .= chr(($n & 127) | 128);
		$n >>= 7;
	}
	return $bytes . chr $n;
}

# A message: its length, and its fields, all numbers.  The count of pages stands
# in both of the places that CRIU has had for it.
sub message {
	my $fields = '';
	while (my ($tag, $value) = splice @_, 0, 2) {
		$fields .= chr($tag << 3) . varint($value);
	}
	return pack('L', length $fields) . $fields;
}

sub pagemap_head { return pack('LL', 0x54564319, 0x56084025) . message(1 => $_[0]) }
sub pagemap_entry { return message(1 => $_[0], 2 => $_[1], 4 => $_[2], 5 => $_[1]) }

# The fields of the message at $$at of $$bytes.
sub fields {
	my ($bytes, $at) = @_;
	my $end = $$at + 4 + unpack('L', substr($$bytes, $$at, 4));
	my %field;
	$$at += 4;
	while ($$at < $end) {
		my $tag = ord(substr($$bytes, $$at++, 1)) >> 3;
		my ($value, $shift, $c) = (0, 0, 128);
		while ($c & 128) {
			$c = ord substr($$bytes, $$at++, 1);
			$value |= ($c & 127) << $shift;
			$shift += 7;
		}
		$field{$tag} = $value;
	}
	return \%field;
}

# ---- what a round has ----

# open_level DIR ID: its pages of one process, or of shared memory ("shmem-INODE"), to
# be looked up in the order of their addresses; undef when it has none.
sub open_level {
	my ($dir, $id) = @_;
	open(my $map, '<:raw', "$dir/pagemap-$id.img") or return;
	my $bytes = join '', <$map>;
	my ($at, $offset, $runs) = (8, 0, '');
	my $number = fields(\$bytes, \$at)->{1};
	while ($at < length $bytes) {
		my $e = fields(\$bytes, \$at);
		my ($here, $length) = ($e->{4} & PRESENT, ($e->{5} // $e->{2}) * $page);
		# From, to, where its pages are, and what kind they are.
		$runs .= pack('QqqQ', $e->{1}, $e->{1} + $length, $here ? $offset : -1, $e->{4});
		$offset += $length if $here;
	}
	open(my $pages, '<:raw', "$dir/pages-$number.img") or return;
	return { number => $number, runs => $runs, next => 0, at => 0, pages => $pages };
}

# levels ID DIR...: what those directories have, the newest first.
sub levels {
	my ($id, @dirs) = @_;
	my @levels;
	for my $dir (@dirs) {
		my $level = open_level($dir, $id);
		# What a round lacks is in none of those before, as CRIU sees it.
		last unless $level;
		push @levels, $level;
	}
	return \@levels;
}

# find_run LEVEL AT: where the first of its runs is that ends after that address.
sub find_run {
	my ($level, $at) = @_;
	my ($low, $high) = (0, length($level->{runs}) / 32);
	while ($low < $high) {
		my $middle = ($low + $high) >> 1;
		if (unpack('Q', substr($level->{runs}, $middle * 32 + 8, 8)) > $at) {
			$high = $middle;
		} else {
			$low = $middle + 1;
		}
	}
	return $low * 32;
}

# look_up LEVELS AT LENGTH: which of the levels, the newest first, has what is at
# that address, where in its pages, for how many of the bytes that is so, and what
# kind they are.
sub look_up {
	my ($levels, $at, $length) = @_;
	for my $level (@$levels) {
		my $next = $level->{next};
		# Nearly always it is the same run as before, or the one after that.
		my (undef, $to) = unpack('QQ', substr($level->{runs}, $next, 32));
		if ($at < $level->{at}) {
			$next = find_run($level, $at);
		} elsif (defined $to && $to <= $at) {
			$next += 32;
			(undef, $to) = unpack('QQ', substr($level->{runs}, $next, 32));
			$next = find_run($level, $at) if defined $to && $to <= $at;
		}
		($level->{next}, $level->{at}) = ($next, $at);
		return (undef, 0, $length) if $next >= length $level->{runs};
		(my $from, $to, my $where, my $flags) = unpack('QqqQ', substr($level->{runs}, $next, 32));
		if ($from > $at) {
			$length = $from - $at if $from - $at < $length;
			return (undef, 0, $length);
		}
		$length = $to - $at if $to - $at < $length;
		return ($level->{pages}, $where + $at - $from, $length, $flags) if $where >= 0;
	}
	return (undef, 0, $length);
}

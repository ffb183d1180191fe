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

sub first_line {
	open(my $f, '<', $_[0]) or die "cannot read $_[0]: $!\n";
	chomp(my $line = <$f> // '');
	return $line;
}

# The directories of the images, the newest first.
sub chain {
	my @chain = ($_[0]);
	while (@chain < 1000 && defined(my $to = readlink "$chain[-1]/parent")) {
		my ($round) = $to =~ m,^(?:\.\./)?(r\d+)$, or die "$to is no round\n";
		push @chain, "$_[0]/$round";
	}
	return @chain;
}

# What the daemon looks at: all images, but of a process's memory only what can
# come later, as if it was all in the last ones.
sub make_view {
	my ($images, $view) = @_;
	my @ids;
	mkdir $view or die "cannot make $view: $!\n";
	for my $file (glob "$images/*.img") {
		my ($name) = $file =~ m,([^/]+)$,;
		if ($name !~ /^pagemap-(\d+)\.img$/) {
			symlink($file, "$view/$name") or die "cannot make $view: $!\n";
			next;
		}
		push @ids, $1;
		open(my $map, '<:raw', $file) or die "cannot read $file: $!\n";
		my $bytes = join '', <$map>;
		my $at = 8;
		my $text = pagemap_head(fields(\$bytes, \$at)->{1});
		while ($at < length $bytes) {
			my $e = fields(\$bytes, \$at);
			$text .= pagemap_entry($e->{1}, $e->{5} // $e->{2}, PRESENT | LAZY) if $e->{4} & LAZY;
		}
		open(my $seen, '>:raw', "$view/$name") or die "cannot make $view: $!\n";
		put($seen, $text);
		close $seen or die "cannot make $view: $!\n";
	}
	return @ids;
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
my @chain = chain($images);
my %levels;
for my $id (make_view($images, "$dir/view")) {
	for my $level (map { open_level($_, $id) } @chain) {
		# What a round lacks is in none of those before, as CRIU sees it.
		last unless $level;
		push @{$levels{$id}}, $level;
	}
}
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
exit 0 if eval { serve($mine, \%levels); 1 };
if (open(my $log, '>>', "$dir/lazy.log")) {
	print $log "Error (filler): $@";
}
exit 1;

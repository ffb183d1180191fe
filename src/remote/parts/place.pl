# SPDX-License-Identifier: GPL-2.0-or-later
# place.pl: files that come along get their names here, and are taken back.  accept.sh
# writes it to D/place.
#
#   place first D MACHINE OPTION...    unpack what comes into D/files, with tar and these
#                                      options, and place what D/bring names
#   place changes D MACHINE OPTION...  bring those up to date (bring.sh has the format)
#   place back D MACHINE               take all of it back, and put back what it replaced
#   place keep D MACHINE               all of it stays: remove what it replaced
#
# Users of this host may own directories on the way, and swap what is in them at any
# moment.  So no name is used twice: a path is walked from / one component at a time,
# each directory is opened below the one before (O_NOFOLLOW) and stays open, and every
# call is made from within that directory (fchdir) on a single component.  A symbolic
# link is followed only where nobody but root can write to the directories down to it;
# then its target is walked in the same way.  What belongs to the user whose directory
# it comes into is placed with that user's rights.  Content, owner, mode and times are
# set on descriptors, of a file that was made by us or is known by device and inode.
#
# D/brought lists what was made, D/kept what was replaced ("DEVICE INODE PATH"; that file
# is beside it as NAME.pferry-ID).  Each is noted before it happens where that is possible.
use strict;
use warnings;

use constant {
	O_RDONLY => 0, O_WRONLY => 1, O_RDWR => 2, O_CREAT => 0100, O_EXCL => 0200, O_PATH => 010000000,
	ENOENT => 2, EEXIST => 17, EXDEV => 18, EPERM => 1, EMLINK => 31, ENOTDIR => 20, ELOOP => 40, ENOSYS => 38,
	SEEK_DATA => 3, SEEK_HOLE => 4, BLOCK => 4194304, PIECE => 1 << 18,
};

my ($verb, $dir, $machine, @tar) = @ARGV;
my $new = "$dir/files";
my ($id) = $dir =~ m,([^/]+)$,;
# O_DIRECTORY, O_NOFOLLOW; fsetxattr(2), fgetxattr, flistxattr, fremovexattr, utimensat, statx.
my %machines = (
	x86_64 => [0200000, 0400000, 190, 193, 196, 199, 280, 332],
	aarch64 => [040000, 0100000, 7, 10, 13, 16, 88, 291],
	riscv64 => [0200000, 0400000, 7, 10, 13, 16, 88, 291],
	loongarch64 => [0200000, 0400000, 7, 10, 13, 16, 88, 291],
	ppc64le => [040000, 0100000, 211, 214, 217, 220, 304, 383],
	s390x => [0200000, 0400000, 226, 229, 232, 235, 315, 379],
);
my ($directory, $nofollow, $fsetxattr, $fgetxattr, $flistxattr, $fremovexattr, $utimensat, $statx);
my ($lock, $locked, $forgiving, %brought, %paths_of, %first_of, %groups) = (undef, 0, 0);

# On the way back one that cannot be found is left, and the next is looked for.
sub fail {
	my ($text) = @_;
	die "$text\n" if $forgiving;
	$text =~ tr/\n/?/;
	print "fail unplaced $text\n";
	exit 1;
}

# Only flags that do as they are meant to are relied upon.
sub know_machine {
	my $known = $machines{$machine} or fail("files cannot be placed: its kind of processor, $machine, is not known");
	($directory, $nofollow, $fsetxattr, $fgetxattr, $flistxattr, $fremovexattr, $utimensat, $statx) = @$known;
	if (length pack('p', '') != 8 || sysopen(my $link, '/proc/self', O_RDONLY | $nofollow) || $! != ELOOP ||
	    sysopen(my $file, '/proc/self/stat', O_RDONLY | $directory) || $! != ENOTDIR) {
		fail("files cannot be placed: perl there is for another processor than $machine, or there is no /proc");
	}
}

# ---- one at a time ----

# Whoever takes all back waits for what is being placed, and nothing is placed after.
sub begin {
	return if $locked++;
	flock($lock, 2) or fail("cannot lock $dir/placing: $!");
	exit 1 if -e "$dir/taken-back";
}

sub done {
	flock($lock, 8) if --$locked == 0;
}

# ---- rights ----

sub name_of {
	my ($uid) = @_;
	return getpwuid($uid) // "uid $uid";
}

# The groups of a user as $) takes them.
sub groups_of {
	my ($uid) = @_;
	return $groups{$uid} if $groups{$uid};
	my ($name, undef, undef, $gid) = getpwuid($uid);
	my @all = ($gid // 65534);
	if (defined $name) {
		while (my (undef, undef, $group, $members) = getgrent) {
			push @all, $group if $group != $gid && grep { $_ eq $name } split ' ', $members;
		}
		endgrent;
	}
	return $groups{$uid} = join ' ', $all[0], @all;
}

# Each once; the first is the effective one, which is among the others or not.
sub sorted {
	my %all = map { $_ => 1 } split ' ', $_[0];
	return join ' ', sort keys %all;
}

# as UID: what DO returns with that user's rights; 0 is root. $! is of DO.
sub as {
	my ($uid, $do) = @_;
	return $do->() if $uid == 0;
	my $own = $);
	my $groups = groups_of($uid);
	$) = $groups;
	$> = $uid;
	fail("cannot act as " . name_of($uid)) if $> != $uid || sorted($)) ne sorted($groups);
	my $result = $do->();
	my $error = $! + 0;
	$> = 0;
	$) = $own;
	fail("cannot act as root again") if $> != 0;
	$! = $error;
	return $result;
}

# Whose rights place what has that owner in a directory.
sub rights {
	my ($at, $owner) = @_;
	return $at->{user} == $owner ? $owner : 0;
}

# need_write: where a file is put there with other rights than those of the user that it is placed for.
sub need_write {
	my ($at, $user) = @_;
	return if $user == 0;
	my $may = as($user, sub {
		my $here = '.';
		chdir $at->{fh} or return 0;
		# faccessat2(2) with AT_EACCESS; -w knows no access control lists.
		return 1 if syscall(439, -100, $here, 3, 0x200) == 0;
		return $! == ENOSYS && -w '.' && -x '.';
	});
	fail(name_of($user) . " may not write to $at->{path}") if !$may;
}

# ---- walking ----

# A directory that is open: its owner, the last user who owns one on the way (0: none),
# and whether nobody but root can write to any of them.
sub open_dir {
	my ($fh, $path, $above) = @_;
	my @st = stat $fh or fail("cannot look at $path: $!");
	return {
		fh => $fh, path => $path, dev => $st[0], user => $st[4] || ($above ? $above->{user} : 0),
		closed => $st[4] == 0 && !($st[2] & 022) && (!$above || $above->{closed}),
	};
}

sub enter {
	my ($at) = @_;
	chdir $at->{fh} or fail("cannot enter $at->{path}: $!");
}

# walk PATH MAKE: the directory of that name; undef where there is none.  With MAKE
# directories that are missing are made like those in D/files.
sub walk {
	my ($path, $make) = @_;
	sysopen(my $top, '/', O_PATH | $directory) or fail("cannot open /: $!");
	my @chain = (open_dir($top, '/'));
	my $wanted = '';
	my @todo = map { $wanted .= "/$_"; [$_, $wanted] } grep { length } split m,/,, $path;
	my $links = 0;
	while (my $next = shift @todo) {
		my ($name, $as) = @$next;
		my $at = $chain[-1];
		my $full = $at->{path} eq '/' ? "/$name" : "$at->{path}/$name";
		next if $name eq '.';
		if ($name eq '..') {
			fail("$path is no plain path") if $as;
			pop @chain if @chain > 1;
			next;
		}
		enter($at);
		if (sysopen(my $fh, $name, O_PATH | $nofollow | $directory)) {
			push @chain, open_dir($fh, $full, $at);
			next;
		}
		if ($! == ENOENT) {
			return undef if !$make;
			fail("$path cannot be made: a link on the way leads to $full, which is not there") if !$as;
			push @chain, make_dir($at, $name, $full, $as);
			next;
		}
		my $why = $!;
		my $target = readlink $name;
		fail("cannot enter $full: $why") if !defined $target;
		fail("$full is a symbolic link, and not only root can change it: it is not followed") if !$at->{closed};
		fail("too many symbolic links on the way to $path") if ++$links > 40;
		@chain = $chain[0] if $target =~ m,^/,;
		unshift @todo, map { [$_, undef] } grep { length } split m,/,, $target;
	}
	return $chain[-1];
}

# The directory that PATH lies in, and its name there.
sub walk_to {
	my ($path, $make) = @_;
	my ($parent, $name) = $path =~ m,^(.*)/([^/]+)$, or fail("$path is no path");
	fail("$path is no plain path") if $name eq '.' || $name eq '..';
	my $at = walk($parent, $make);
	return ($at, $name);
}

# ---- notes ----

sub note {
	my ($file, $dev, $inode, $path) = @_;
	my $line = "$dev $inode $path\n";
	open(my $list, '>>', "$dir/$file") or fail("cannot write to $dir: $!");
	(syswrite($list, $line) // 0) == length $line or fail("cannot write to $dir: is the disk full?");
}

sub note_brought {
	my ($dev, $inode, $path) = @_;
	note('brought', $dev, $inode, $path);
	remember($dev, $inode, $path);
}

sub remember {
	my ($dev, $inode, $path) = @_;
	my $was = $brought{$path};
	delete $paths_of{"@$was"}{$path} if $was;
	$brought{$path} = [$dev, $inode];
	$paths_of{"$dev $inode"}{$path} = 1;
}

# Of a list of notes; one that was not written whole has not happened.
sub notes {
	my ($file) = @_;
	open(my $list, '<', "$dir/$file") or return;
	return map { /^(\d+) (\d+) (\/.*)\n\z/s ? [$1, $2, $3] : () } <$list>;
}

# mine PATH: the directory, name and a descriptor (O_PATH) of a plain file that was brought and
# is what it was then; nothing when it is gone or another.
sub mine {
	my ($path) = @_;
	my $was = $brought{$path} or return;
	my ($at, $name) = walk_to($path);
	return if !$at;
	enter($at);
	sysopen(my $fh, $name, O_PATH | $nofollow) or return;
	my @st = stat $fh;
	return if !@st || !-f _ || "$st[0] $st[1]" ne "@$was" || $st[3] > keys %{ $paths_of{"@$was"} };
	return ($at, $name, $fh, \@st);
}

sub reopen {
	my ($fh, $how, $path) = @_;
	sysopen(my $file, '/proc/self/fd/' . fileno $fh, $how) or fail("cannot open $path: $!");
	return $file;
}

# ---- attributes and content ----

sub attributes {
	my ($fh) = @_;
	my $names = "\0" x 65536;
	my $n = syscall($flistxattr, fileno $fh, $names, length $names);
	return $n > 0 ? split(/\0/, substr($names, 0, $n)) : ();
}

# Access control lists and other attributes; what the security modules here say is theirs, and
# a file's capabilities are rights that are not brought along.
sub copy_attributes {
	my ($from, $to, $path) = @_;
	my %has;
	for my $name (attributes($from)) {
		next if $name =~ /^security\./;
		my $value = "\0" x 65536;
		my $n = syscall($fgetxattr, fileno $from, $name, $value, length $value);
		next if $n < 0;
		$value = substr($value, 0, $n);
		$has{$name} = 1;
		next if syscall($fsetxattr, fileno $to, $name, $value, $n, 0) == 0;
		# EOPNOTSUPP: there are none on that file system; without its list more could come to it.
		fail("cannot give $path its attribute $name: $!") if $! != 95 || $name =~ /^system\./;
	}
	# Those that the directory gave it.
	for my $name (attributes($to)) {
		syscall($fremovexattr, fileno $to, $name) if $name =~ /^system\.posix_acl/ && !$has{$name};
	}
}

sub copy_times {
	my ($from, $to) = @_;
	my ($buffer, $empty, $there) = ("\0" x 256, '', '/proc/self/fd/' . fileno $to);
	# AT_EMPTY_PATH; times are at 64 (access) and 112 (change of content).
	if (syscall($statx, fileno $from, $empty, 0x1000, 0x7ff, $buffer) == 0) {
		my @times = (unpack('qL', substr($buffer, 64, 12)), unpack('qL', substr($buffer, 112, 12)));
		my $packed = pack('qqqq', @times);
		return if syscall($utimensat, -100, $there, $packed, 0) == 0;
	}
	my @st = stat $from;
	utime $st[8], $st[9], $there;
}

sub put {
	my ($to, $data, $path) = @_;
	my $at = 0;
	while ($at < length $data) {
		my $n = syswrite($to, $data, length($data) - $at, $at);
		fail("cannot write $path: " . ($! || 'is the disk full?')) if !$n;
		$at += $n;
	}
}

# All of a file, with its holes.
sub copy_content {
	my ($from, $to, $size, $path) = @_;
	my ($at, $end) = (0, 0);
	truncate($to, 0) && truncate($to, $size) or fail("cannot write $path: $!");
	while ($at < $size) {
		if ($at >= $end) {
			my $data = sysseek($from, $at, SEEK_DATA);
			if (defined $data) {
				$at = $data + 0;
				$end = sysseek($from, $at, SEEK_HOLE) // $size;
			} elsif ($! == 6) { # ENXIO: only a hole is left
				last;
			} else {
				$end = $size;
			}
			sysseek($from, $at, 0);
			sysseek($to, $at, 0);
		}
		my $n = sysread($from, my $piece, $end - $at < PIECE ? $end - $at : PIECE);
		fail("cannot read what came of $path: $!") if !defined $n;
		last if $n == 0;
		put($to, $piece, $path);
		$at += $n;
	}
}

# Owner, mode, attributes and times of a file or directory from another.
sub copy_looks {
	my ($from, $to, $st, $path) = @_;
	my @is = stat $to;
	if ($is[4] != $st->[4] || $is[5] != $st->[5]) {
		chown($st->[4], $st->[5], $to) or fail("cannot give $path its owner: $!");
	}
	copy_attributes($from, $to, $path);
	chmod($st->[2] & 07777, $to) or fail("cannot give $path its mode: $!");
	copy_times($from, $to);
}

# ---- placing ----

# staged PATH: how it came, by lstat(2); nothing when it did not.  No link leads out of D/files.
sub staged {
	my ($path) = @_;
	my @st = lstat "$new$path" or return;
	for (my $above = $path; $above =~ s,/[^/]*$,, && length $above;) {
		lstat "$new$above" or return;
		fail("what came has a symbolic link on the way to $path") if -l _;
	}
	return @st;
}

# make_dir: in an open directory, like the one at the source, and open it.
sub make_dir {
	my ($at, $name, $full, $as) = @_;
	my @st = staged($as);
	my ($uid, $gid, $mode) = @st && ($st[2] & 0170000) == 0040000 ? ($st[4], $st[5], $st[2] & 07777) : (0, 0, 0755);
	my $user = rights($at, $uid);
	begin();
	my $made = as($user, sub {
		chdir $at->{fh} or return 0;
		return mkdir $name, 0700;
	});
	my $why = $!;
	fail("cannot make the directory $full: $why") if !$made && $why != EEXIST;
	enter($at);
	sysopen(my $fh, $name, O_RDONLY | $nofollow | $directory) or fail("$full was changed while it was made");
	if ($made) {
		my @is = stat $fh;
		# Nothing that was there before is given away.
		my $list;
		opendir($list, '/proc/self/fd/' . fileno $fh) or fail("cannot look into $full: $!");
		my @in = grep { $_ ne '.' && $_ ne '..' } readdir $list;
		closedir $list;
		fail("$full was changed while it was made") if $is[4] != $user || ($is[2] & 0777) != 0700 || @in;
		note_brought($is[0], $is[1], $full);
		if (@st && sysopen(my $from, "$new$as", O_RDONLY | $nofollow | $directory)) {
			copy_looks($from, $fh, [0, 0, $mode, 0, $uid, $gid], $full);
		} else {
			chmod $mode, $fh;
		}
	}
	done();
	enter($at);
	return open_dir($fh, $full, $at);
}

# set_aside: what is to be replaced, under another name; it must still be a plain file.
sub set_aside {
	my ($at, $name, $path) = @_;
	my $kept = "$name.pferry-$id";
	enter($at);
	sysopen(my $fh, $name, O_PATH | $nofollow) or fail("cannot keep $path before it is replaced: $!");
	my @st = stat $fh;
	fail("$path is no plain file there, and is not replaced") if !-f _;
	note('kept', $st[0], $st[1], $path);
	link($name, $kept) or fail("cannot keep $path before it is replaced: $!");
	my @is = lstat $kept;
	if (!@is || "@is[0, 1]" ne "@st[0, 1]") {
		unlink $kept;
		fail("$path was changed while it was replaced");
	}
	unlink $name or fail("cannot replace $path: $!");
}

sub make_fifo {
	my ($at, $name, $user, $st, $path) = @_;
	my $made = as($user, sub {
		chdir $at->{fh} or return 0;
		return system('mkfifo', '-m', '600', "./$name") == 0;
	});
	enter($at);
	my $fh;
	fail("cannot make $path") if !$made || !sysopen($fh, $name, O_PATH | $nofollow);
	my @is = stat $fh;
	fail("$path was changed while it was made") if !-p _ || $is[4] != $user || $is[3] != 1;
	note_brought($is[0], $is[1], $path);
	my $there = '/proc/self/fd/' . fileno $fh;
	chown($st->[4], $st->[5], $there) && chmod($st->[2] & 07777, $there) or fail("cannot give $path its owner: $!");
	if (sysopen(my $from, "$new$path", O_PATH | $nofollow)) {
		copy_times($from, $fh);
	}
}

# Where a second name of a file is on another file system than D, too.
sub link_first {
	my ($at, $name, $path, $st) = @_;
	my $first = $first_of{"@$st[0, 1]"} or return 0;
	my ($there, $its) = @$first;
	my $was = $brought{$first->[2]};
	return 0 if $there->{dev} != $at->{dev};
	link('/proc/self/fd/' . fileno($there->{fh}) . "/$its", $name) or return 0;
	my @is = lstat $name;
	if (@is && "@is[0, 1]" eq "@$was") {
		note_brought(@is[0, 1], $path);
		return 1;
	}
	unlink $name;
	return 0;
}

# copy_file: a new file with the content of what came.
sub copy_file {
	my ($at, $name, $user, $st, $path) = @_;
	sysopen(my $from, "$new$path", O_RDONLY | $nofollow) or fail("cannot read what came of $path: $!");
	my $to = as($user, sub {
		chdir $at->{fh} or return undef;
		sysopen(my $made, $name, O_RDWR | O_CREAT | O_EXCL | $nofollow, 0600) or return undef;
		return $made;
	}) or fail("cannot write $path: $!");
	my @is = stat $to;
	note_brought(@is[0, 1], $path);
	copy_content($from, $to, $st->[7], $path);
	copy_looks($from, $to, $st, $path);
}

# A file that is executed brings no rights along but those that its mode shows.
sub drop_capabilities {
	my ($path) = @_;
	my $name = 'security.capability';
	sysopen(my $file, "$new$path", O_RDONLY | $nofollow) or fail("cannot read what came of $path: $!");
	syscall($fremovexattr, fileno $file, $name);
}

# place: give what came its name in an open directory, if that is free.
sub place {
	my ($at, $name, $path, $st) = @_;
	my $kind = $st->[2] & 0170000;
	my $user = rights($at, $st->[4]);
	fail("$path is no plain file any more at the source") if $kind != 0100000 && $kind != 0010000;
	not_executed($at, $name, $path);
	drop_capabilities($path) if $kind == 0100000;
	need_write($at, $user);
	enter($at);
	note_brought(@$st[0, 1], $path);
	if (!link("$new$path", $name)) {
		my $why = $!;
		fail("cannot write $path: $why") if $why != EXDEV && $why != EPERM && $why != EMLINK;
		if (link_first($at, $name, $path, $st)) {
			# Done.
		} elsif ($kind == 0010000) {
			make_fifo($at, $name, $user, $st, $path);
		} else {
			copy_file($at, $name, $user, $st, $path);
		}
		$first_of{"@$st[0, 1]"} //= [$at, $name, $path] if $kind == 0100000 && $st->[3] > 1;
	}
	unlink "$new$path" if $st->[3] == 1 || $kind != 0100000;
}

# not_executed: where a link of this host's leads to what others execute, that was not asked for.
sub not_executed {
	my ($at, $name, $path) = @_;
	my $full = $at->{path} eq '/' ? "/$name" : "$at->{path}/$name";
	return if $full eq $path || -e "$dir/executed";
	fail("$path is $full there, which others may execute: it was not asked for (file-executed)")
		if $full =~ m,^/(etc|usr|s?bin|lib\w*|boot)/|/(systemd|cron\w*|at\w*|udev|\.ssh|[^/]+\.d)/,;
}

# ---- the passes ----

sub unpack_new {
	system('rm', '-rf', $new) if -e $new;
	mkdir $new, 0700 or fail("cannot make $new: $!");
	my $child = open(my $said, '-|') // fail("cannot start tar: $!");
	if (!$child) {
		open(STDERR, '>&', \*STDOUT);
		# Directories that have no entry of their own.
		umask 022;
		exec 'tar', '-xpf', '-', '-C', $new, @tar or exit 1;
	}
	my $why = '';
	while (sysread($said, my $more, 4096)) {
		$why .= $more if length $why < 4096;
	}
	my ($line) = $why =~ /^(.*)/;
	close $said or fail("the files could not be written: $line");
}

sub lines_of {
	my ($file) = @_;
	open(my $list, '<', "$dir/$file") or return;
	my @lines = <$list>;
	chomp @lines;
	return @lines;
}

sub first {
	my %replace = map { $_ => 1 } lines_of('replace');
	unpack_new();
	open(my $none, '>', "$dir/brought") or fail("cannot write to $dir: is the disk full?");
	for my $line (lines_of('bring')) {
		next if $line eq '';
		my $path = '/' . $line =~ s,^/+,,r;
		my @st = staged($path);
		if (@st && ($st[2] & 0170000) == 0040000) {
			walk($path, 1);
			next;
		}
		next if !@st;
		my ($at, $name) = walk_to($path, 1);
		enter($at);
		my $there = lstat $name;
		fail("$path is a symbolic link there") if $there && -l _;
		next if $there && !$replace{$path};
		begin();
		set_aside($at, $name, $path) if $there;
		place($at, $name, $path, \@st);
		done();
	}
	system('rm', '-rf', $new);
}

# read(2) takes no byte past what is asked for: what follows is tar's.
sub next_line {
	my $line = '';
	while (length $line < 65536) {
		sysread(STDIN, my $byte, 1) or last;
		return $line if $byte eq "\n";
		$line .= $byte;
	}
	fail("the changes of the files did not arrive whole");
}

# block: so many bytes of input into an open file.
sub block {
	my ($to, $number, $bytes, $path) = @_;
	sysseek($to, $number * BLOCK, 0);
	while ($bytes > 0) {
		my $n = sysread(STDIN, my $piece, $bytes < PIECE ? $bytes : PIECE);
		fail("the changes of the files did not arrive whole") if !$n;
		begin();
		put($to, $piece, $path);
		done();
		$bytes -= $n;
	}
}

sub changed {
	my ($path) = @_;
	my @st = staged($path);
	if (my ($at, $name, $fh, $is) = mine($path)) {
		my $kind = $st[2] & 0170000;
		fail("$path is no plain file any more at the source") if $kind != 0100000;
		drop_capabilities($path);
		need_write($at, rights($at, $st[4]));
		enter($at);
		if ($st[0] == $is->[0] && $is->[3] == 1) {
			note_brought(@st[0, 1], $path);
			return if rename("$new$path", $name);
			fail("cannot write $path: $!") if $! != EXDEV;
			remember(@$is[0, 1], $path);
			note('brought', @$is[0, 1], $path);
		}
		sysopen(my $from, "$new$path", O_RDONLY | $nofollow) or fail("cannot read what came of $path: $!");
		my $to = reopen($fh, O_RDWR, $path);
		copy_content($from, $to, $st[7], $path);
		copy_looks($from, $to, \@st, $path);
		return;
	}
	my ($at, $name) = walk_to($path, 1);
	enter($at);
	my $there = lstat $name;
	if ($there && -p _ && ($st[2] & 0170000) == 0010000) {
		return;
	}
	fail("$path is not what it was a moment ago") if $there && $brought{$path};
	place($at, $name, $path, \@st) if !$there;
}

# All that came but directories.
sub each_staged {
	my ($path, $do) = @_;
	opendir(my $list, "$new$path") or fail("cannot read $new: $!");
	my @names = grep { $_ ne '.' && $_ ne '..' } readdir $list;
	closedir $list;
	for my $name (sort @names) {
		lstat "$new$path/$name";
		if (-d _) {
			each_staged("$path/$name", $do);
		} else {
			$do->("$path/$name");
		}
	}
}

sub changes {
	my ($to, $path);
	remember(@$_) for notes('brought');
	while ((my $line = next_line()) ne 'tar') {
		if ($line =~ m,^gone (/.*)$,) {
			begin();
			if (my ($at, $name, undef, $is) = mine($1)) {
				as(rights($at, $is->[4]), sub { chdir $at->{fh} and unlink $name });
			}
			done();
		} elsif ($line =~ m,^patch (\d+) /*(.*)$,) {
			$path = "/$2";
			my $size = $1;
			my (undef, undef, $fh) = mine($path) or fail("$path is not what it was a moment ago");
			$to = reopen($fh, O_RDWR, $path);
			begin();
			truncate($to, $size) or fail("cannot write $path: $!");
			done();
		} elsif ($to && $line =~ /^block (\d+) (\d+)$/) {
			block($to, $1, $2, $path);
		} elsif ($to && $line =~ /^times (-?\d+) /) {
			utime $1, $1, $to;
		} else {
			fail("the changes of the files did not arrive whole");
		}
	}
	undef $to;
	unpack_new();
	# What stays of them goes with D: the tree is frozen.
	each_staged('', sub {
		begin();
		changed($_[0]);
		done();
	});
}

# ---- the way back ----

# found PATH NAME DEVICE INODE: the open directory, when what is there under that name is still that file.
sub found {
	my ($path, $suffix, $dev, $inode) = @_;
	my ($at, $name) = eval { walk_to($path) };
	return if !$at;
	enter($at);
	my @st = lstat "$name$suffix" or return;
	return if "@st[0, 1]" ne "$dev $inode";
	return ($at, $name, \@st);
}

sub back {
	$forgiving = 1;
	open(my $mark, '>', "$dir/taken-back");
	flock($lock, 2);
	# The last made goes first, so that a directory is empty when its turn comes.
	for (reverse notes('brought')) {
		my ($dev, $inode, $path) = @$_;
		my ($at, $name, $st) = found($path, '', $dev, $inode) or next;
		my $is_dir = ($st->[2] & 0170000) == 0040000;
		eval { as(rights($at, $st->[4]), sub { chdir $at->{fh} and $is_dir ? rmdir $name : unlink $name }) };
	}
	for (notes('kept')) {
		my ($dev, $inode, $path) = @$_;
		my ($at, $name) = found($path, ".pferry-$id", $dev, $inode) or next;
		# Never over what is there.
		unlink "$name.pferry-$id" if link("$name.pferry-$id", $name);
	}
}

sub keep {
	$forgiving = 1;
	for (notes('kept')) {
		my ($dev, $inode, $path) = @$_;
		my ($at, $name) = found($path, ".pferry-$id", $dev, $inode) or next;
		unlink "$name.pferry-$id";
	}
}

know_machine();
umask 077;
open($lock, '>>', "$dir/placing") or fail("cannot write to $dir: is the disk full?");
if ($verb eq 'first' || $verb eq 'changes') {
	open(my $pid, '>', "$dir/accepting") or fail("cannot write to $dir: is the disk full?");
	# By both it is told from another that has its pid later.
	open(my $stat, '<', "/proc/$$/stat");
	my $start = (split ' ', join('', <$stat>) =~ s/.*\)//sr)[19];
	print $pid "$$ $start\n";
	close $pid;
	$verb eq 'first' ? first() : changes();
} elsif ($verb eq 'back') {
	back();
} elsif ($verb eq 'keep') {
	keep();
}

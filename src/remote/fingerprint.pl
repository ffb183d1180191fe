# SPDX-License-Identifier: GPL-2.0-or-later
# fingerprint.pl LIST [threads]: what parts/fingerprint.sh prints, byte for byte, of
# the processes in LIST ("PID START" lines), where there is perl: one program takes
# half of the time that those of the shell do.  Whatever changes here changes there.
# Nothing is loaded for it (not even strict): that would take as long as all the rest.

my ($list, $threads) = @ARGV;
my (@pids, %own, @said, $apart);
my %kinds = (0010000 => 'fifo', 0040000 => 'dir', 0100000 => 'file', 0120000 => 'link', 0140000 => 'sock');

sub text {
	open(my $f, '<', $_[0]) or return '';
	return join '', <$f>;
}

# names DIR: what is in it, in the order of the shell.
sub names {
	opendir(my $d, $_[0]) or return;
	return sort grep { !/^\./ } readdir $d;
}

sub own {
	my ($dir) = @_;
	$own{$dir} //= text("$dir/status") =~ /^NSpid:.*?(\d+)$/m ? $1 : substr($dir, rindex($dir, '/') + 1);
	return $own{$dir};
}

sub access_of {
	my ($pid, $fd) = @_;
	text("/proc/$pid/fdinfo/$fd") =~ /^flags:\s*([0-7]+)$/m or return '?';
	my $flags = oct $1;
	return substr('rwbx', $flags & 3, 1) . ($flags & 02000 ? 'a' : '') . ($flags & 010000000 ? 'p' : '') .
		($flags & 04000 ? 'n' : '') . ($flags & 02000000 ? 'c' : '');
}

# look LINK WHAT: its target, what tells its file from others, and KIND OWNER:GROUP MODE NODE NAME; nothing
# when there is no such link.
sub look {
	my ($link, $what) = @_;
	my $t = readlink $link;
	return unless defined $t;
	my @s = stat $link;
	my $id = join ' ', $t, @s[0, 1, 2, 4, 5, 6];
	if ($t !~ m{^[/(]}) {
		$t =~ s/^anon_inode://;
		$t =~ tr/a-zA-Z_-//cd;
		return ($id, "$t - - - -");
	}
	my $name = $t;
	$name =~ s{^(/proc/\d+)(?=/|$)}{exists $own{$1} ? "/proc/$own{$1}" : $1}e;
	$name =~ s/([^!-\[\]-~])/sprintf '\\%03o', ord $1/ge;
	if ($t =~ m{^/(?:memfd:|SYSV|dev/zero \(deleted\)|anon_hugepage|\[aio\])}) {
		return ($id, $what eq 'map' ? 'shm - - - -' : "memfd - - - $name");
	}
	if ($t =~ m{^/(?:proc|sys)(?:/|\z)}) {
		$name =~ s/(?:\\040\(deleted\))+$//;
		return ($id, "kernel - - - $name");
	}
	return ($id, "? ? ? ? $name") unless @s;
	my $type = $s[2] & 0170000;
	if ($type == 0020000 || $type == 0060000) {
		my $major = ($s[6] >> 8 & 0xfff) | ($s[6] >> 32 & ~0xfff);
		my $minor = ($s[6] & 0xff) | ($s[6] >> 12 & 0xffffff00);
		return ($id, 'tty - - - -') if $type == 0020000 && ($major == 4 || $major == 5 || ($major >= 136 && $major <= 143));
		return ($id, sprintf '%s:%x:%x - - - %s', $type == 0020000 ? 'chr' : 'blk', $major, $minor, $name);
	}
	return ($id, sprintf '%s %s:%s %03x %s %s', $kinds{$type} // '?', $s[4], $s[5], $s[2] & 07777,
		$name =~ /\\040\(deleted\)$/ ? '-' : "$s[0]:$s[1]", $name);
}

# maps PID: one line for all that follows each other of one file.
sub maps {
	my ($pid) = @_;
	my (%from, %to, @order);
	for my $range (names("/proc/$pid/map_files")) {
		my ($start, $end) = split /-/, $range;
		my ($id, $line) = look("/proc/$pid/map_files/$range", 'map');
		next unless defined $id;
		$from{$start} = $to{$end} = { start => $start, end => $end, id => $id, line => $line };
		push @order, $from{$start};
	}
	for my $map (@order) {
		next if $to{ $map->{start} } && $to{ $map->{start} }{id} eq $map->{id};
		my $end = $map->{end};
		$end = $from{$end}{end} while $from{$end} && $from{$end}{id} eq $map->{id};
		push @said, 'map ' . own("/proc/$pid") . " $map->{start}-$end - $map->{line}";
	}
}

# tasks PID FDS WHOLE: where its threads differ from what it has itself.
sub tasks {
	my ($pid, $fds, $whole) = @_;
	my @tasks = names("/proc/$pid/task");
	return if @tasks < 2;
	my @others = grep { $_ != $pid } @tasks;
	my $all = @tasks * ($fds || 1) <= 100000;
	my $key = own("/proc/$pid");
	for my $tid (@others) {
		for my $what ('cwd', 'root') {
			my ($id, $line) = look("/proc/$pid/task/$tid/$what", $what);
			next if !defined $id || $id eq ($whole->{$what} // '');
			push @said, "$what $key/" . own("/proc/$pid/task/$tid") . " - - $line";
			$apart = 1;
		}
	}
	return unless $all;
	for my $tid (@others) {
		my $n = 0;
		my $differs = 0;
		for my $fd (names("/proc/$pid/task/$tid/fd")) {
			my ($id) = look("/proc/$pid/task/$tid/fd/$fd", 'fd');
			next unless defined $id;
			$n++;
			$differs ||= $id ne ($whole->{"fd/$fd"} // '');
		}
		next unless $n && ($differs || $n != $whole->{fds});
		push @said, "task $key/" . own("/proc/$pid/task/$tid");
		$apart = 1;
	}
}

open(my $in, '<', $list) or die "no $list: $!\n";
push @pids, /^(\d+)/ while <$in>;
my $mine = readlink('/proc/self/ns/mnt') // '';
my %ns = map { $_ => readlink "/proc/$_/ns/mnt" } @pids;
own("/proc/$_") for grep { defined $ns{$_} } @pids;
push @said, 'proc ' . own("/proc/$_") . ($ns{$_} eq $mine ? ' own' : ' other') for grep { defined $ns{$_} } @pids;
for my $pid (@pids) {
	my $key = own("/proc/$pid");
	my %whole = (fds => 0);
	for my $what ('exe', 'cwd', 'root') {
		my ($id, $line) = look("/proc/$pid/$what", $what);
		next unless defined $id;
		$whole{$what} = $id;
		push @said, "$what $key - - $line";
	}
	my @fds = names("/proc/$pid/fd");
	for my $fd (@fds) {
		my ($id, $line) = look("/proc/$pid/fd/$fd", 'fd');
		next unless defined $id;
		$whole{"fd/$fd"} = $id;
		$whole{fds}++;
		push @said, "fd $key $fd " . access_of($pid, $fd) . " $line";
	}
	maps($pid);
	tasks($pid, scalar @fds, \%whole) if $threads;
}
print join "\n", 'pferry-fingerprint 1' . ($apart ? ' threads' : ''), @said, "end\n";

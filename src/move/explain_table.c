/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU says when it fails, versions 3.17 to 4.2, by the file it says it
 * in.  A pattern is found as it stands in one line of the log; the first line
 * that matches a strong one explains, then the first that matches a weak one:
 * those follow from something that was said before, or may mean many things.
 * In a file's part the special stand before the general.
 */
#include "move/explain.h"

#include <stddef.h>

#define MISSING "bring it along with --with-files, or put it there"
#define ODD "close it before the move; CRIU has no way to carry it over"
#define MOUNTS "move it by its container runtime, which knows its mounts"
#define OWN_NS "move the whole container, by its runtime"
#define TORN "the images are damaged; try again"
#define KERNEL "CRIU and the kernel there do not fit: install a newer CRIU"

const struct explain_entry explain_entries[] = {
	/* cr-restore.c, pstree.c */
	{ "Can't fork for ", ": File exists", "a pid that it needs is taken there", "end the process that has it, or choose another host", "pid-taken", false },
	{ "Can't set last_pid", NULL, "a pid that it needs could not be had", "see that nothing else starts processes there just now", "pid-taken", false },
	{ "Pid namespace and pids do not match", NULL, "a pid that it needs could not be had", "try again", "pid-taken", false },
	{ "Conflict with a dead task with the same PID", NULL, "a pid that it needs belongs to another of its threads", "try again", "pid-taken", false },
	{ "intersects with", " in images", "CRIU's own session or group has an id that it needs", "try again", "pid-taken", false },
	{ "Can't set kernel pid_max", NULL, "its pids are beyond what that host gives", "raise kernel.pid_max there", "pid-range", false },
	{ "Can't restore pid namespace without the process init", NULL, "it was only a part of its pid namespace", OWN_NS, "pid-namespace", false },
	{ "Can't dump a pid namespace without the process init", NULL, "it is only a part of its pid namespace", OWN_NS, "pid-namespace", false },
	{ "is outside of its pid namespace", NULL, "the leader of its session is not in its pid namespace", "start it there with setsid(1)", "session-away", false },
	{ "A session leader of", "is outside", "the leader of its session stays behind", "add --shell-job, or move the leader too", "session-outside", false },
	{ "is not a session leader", NULL, "the leader of its session stays behind", "add --shell-job, or move the leader too", "session-outside", false },
	{ "Can't find a session leader", NULL, "the leader of its session is not among what moved", "move the leader too", "session-outside", false },
	{ "No task found with sid", NULL, "the leader of its session is not among what moved", "move the leader too", "session-outside", false },
	{ "the process", "was born with", "it is in a session that began outside of what moves", "add --shell-job, or move the leader too", "session-outside", false },
	{ "A root task is dead", NULL, "it has ended meanwhile", "", "no-process", false },
	{ "Images corrupted or too old criu was used", NULL, "the images are of a CRIU that is too old", "use the same version at both ends", "criu-differs", false },
	{ "Unable to determine the task tree", NULL, "its processes came and went while they were looked at", "try again", "no-process", false },

	/* files-reg.c, files.c */
	{ "has bad size", NULL, "a file differs in size there", "make it the same at both ends", "file-differs", false },
	{ "has bad mode", NULL, "a file has another mode there", "make it the same at both ends", "file-differs", false },
	{ "has bad build-ID", NULL, "a program or library is another build there", "install the same version at both ends", "file-differs", false },
	{ "Can't open file ", "No such file", "a file that it needs is missing there", MISSING, "file-missing", false },
	{ "Can't open file ", "Permission denied", "a file that it needs may not be opened there", "give it the same owner and mode", "file-differs", false },
	{ "Can't open file ", "Read-only", "a file that it writes is on a file system that cannot be written there", "mount it writable", "file-differs", false },
	{ "Can't open file ", "Text file busy", "a file that it writes is being run there", "stop that program", "file-differs", false },
	{ "Can't lookup mount=", "path=/secretmem", "it has secret memory", ODD, "odd-descriptor", false },
	{ "Can't lookup mount=", NULL, "a file that it has open is on a mount that its own namespace lacks", "restart it with files of its own host", "far-mount", false },
	{ "Can't dump ghost file", NULL, "a deleted file that it has open is too big", "add --dump-option=--ghost-limit=SIZE", "deleted-files", false },
	{ "Can't create link remap", NULL, "a deleted file that it has open has other names", "add --dump-option=--link-remap", "deleted-files", false },
	{ "Can't link remap to", NULL, "a deleted file that it has open could not be named again", "see that its file system can be written", "deleted-files", false },
	{ "ghost", "File exists", "the name for a deleted file of it is taken there", "remove files named *.cr.*.ghost there", "deleted-files", false },
	{ "Can't create ghost", NULL, "a deleted file of it could not be made there", "see that its directory is there and can be written", "deleted-files", false },
	{ "Unaccessible path opened", NULL, "the name of a file that it has open leads to another file now", "restart it, or put the file back", "deleted-files", false },
	{ "Can't change cwd", NULL, "its working directory is missing there", "make it there", "file-missing", false },
	{ "Can't change root", NULL, "its root directory is missing there", "make it there", "file-missing", false },
	{ "Too big FD number", NULL, "it has more files open than that host allows", "raise fs.nr_open there", "limits", false },
	{ "Can't dump file ", "type [reg", "it has a special file open", ODD, "odd-descriptor", false },
	{ "Can't dump file ", "type [chr", "it has a device open", ODD, "device", false },
	{ "Can't dump file ", "(chr", "it has a device open", ODD, "device", false },
	{ "Can't dump file ", "(blk", "it has a disk open", ODD, "device", false },
	{ "Can't dump file ", NULL, "it has something open of a kind that CRIU does not know", ODD, "odd-descriptor", false },
	{ "Can't handle non-regular mapping", NULL, "it has memory of a device mapped", ODD, "device", false },
	{ "send_fds failed (-22)", NULL, "it has something open that the kernel does not let another program have, as an io_uring", ODD, "odd-descriptor", false },
	{ "Missing required plugin", NULL, "it needs a CRIU plugin that is not there", "install the same plugins at both ends", "device", false },

	/* tty.c */
	{ "Found dangling tty", NULL, "it is on a terminal that stays behind", "it is a shell job: add --shell-job", "tty", false },
	{ "Found slave peer index", NULL, "its terminal's other side stays behind", "move the terminal's program too, or add --shell-job", "tty", false },
	{ "Don't have tty to inherit session from", NULL, "there was no terminal for it there", "see that tmux works there", "tty", false },
	{ "Can't open master pty", NULL, "its terminal could not be made there", "see that /dev/pts is mounted there", "tty", false },
	{ "isn't from the root mntns", NULL, "its terminal belongs to another mount namespace", OWN_NS, "tty", false },
	{ "Can't set sid on terminal", NULL, "its terminal could not be taken over", "try again", "tty", false },

	/* sk-inet.c, sk-tcp.c, netfilter.c */
	{ "Connected TCP socket, consider", NULL, "it has established TCP connections", "accept tcp-close, or add --tcp-established", "tcp-close", false },
	{ "Connected TCP socket in image", NULL, "it has established TCP connections", "accept tcp-close, or add --tcp-established at both ends", "tcp-close", false },
	{ "Need to set the --tcp-close options", NULL, "its connections were to be closed at one end only", "give --tcp-close to both", "tcp-close", false },
	{ "In-flight connection (l)", NULL, "someone was just connecting to it", "try again, or add --dump-option=--skip-in-flight", "tcp-listen", false },
	{ "Can't bind inet socket", "Address already in use", "a port that it uses is in use there", "stop what uses it there", "port-taken", false },
	{ "Can't bind inet socket", "Cannot assign requested address", "it uses an address that is not there", "add the address there, or have it move too", "address-missing", false },
	{ "Can't bind inet socket", NULL, "its address or port could not be had there", "see CRIU's log", "address-missing", false },
	{ "Can't connect inet socket back", NULL, "a connection of it could not be made again there", "see that its address and a route are there", "address-missing", false },
	{ "can't bind", "ifname", "it is bound to a network interface that is not there", "give the interface the same name there", "address-missing", false },
	{ "couldn't find ifindex", NULL, "it is bound to a network interface that is not there", "give the interface the same name there", "address-missing", false },
	{ "Can't get 1:16", NULL, "that CRIU does not know the network sockets of a kernel since 6.16", "install CRIU 4.2 or later there", "criu-sockets", false },
	{ "Unsupported proto 262", NULL, "it has an MPTCP socket", "start a Go program with GODEBUG=multipathtcp=0", "socket-kind", false },
	{ "Unsupported proto ", NULL, "it has a socket of a protocol that CRIU does not know", ODD, "socket-kind", false },
	{ "Unsupported socket", NULL, "it has a socket of a kind that CRIU does not know", ODD, "socket-kind", false },
	{ "Unknown socket collected", NULL, "it has a socket of a kind that CRIU does not know", ODD, "socket-kind", false },
	{ "Unknown pair family", NULL, "it has a socket of a kind that CRIU does not know", ODD, "socket-kind", false },
	{ "Only stream, dgram and raw", NULL, "it has a socket of a kind that CRIU does not know", ODD, "socket-kind", false },
	{ "Can't dump corked dgram", NULL, "it holds back a datagram that it has not sent yet", "try again", "socket-kind", false },
	{ "Diag module missing", NULL, "the kernel there cannot list its sockets", "load the modules tcp_diag, udp_diag, unix_diag, netlink_diag and af_packet_diag", "criu-check", false },
	{ "Can't dump", "inet socket", "a connection of it is in a state that CRIU does not know", KERNEL, "criu-check", false },
	{ "Can't restore not-sent", NULL, "data that it had sent did not fit the socket's buffer", "CAP_SYS_RESOURCE is needed there, or larger net.core.wmem_max", "no-capability", false },
	{ "Can't restore", "soccr", "a connection of it could not be made again there", "try again", "tcp-established", false },
	{ "Locking connection failed", NULL, "its connections could not be held back", "install nftables there, and load its kernel modules", "no-lock-tool", false },
	{ "Locking network failed", NULL, "its connections could not be held back", "install nftables there, and load its kernel modules", "no-lock-tool", false },
	{ "Failed to lock TCP connection", NULL, "its connections could not be held back", "install nftables or iptables there", "no-lock-tool", false },
	{ "built without libnftables", NULL, "CRIU there has no nftables", "install iptables there", "no-lock-tool", false },
	{ "Iptables configuration failed", NULL, "its connections could not be held back", "install nftables or iptables there", "no-lock-tool", false },
	{ "iptables", NULL, "its connections could not be held back", "install nftables or iptables there", "no-lock-tool", false },

	/* sk-unix.c, sk-queue.c, sk-netlink.c, sk-packet.c */
	{ "External socket is used", NULL, "a unix socket leads to a process that stays behind", "move its peer too, or have it close the connection", "unix-outside", false },
	{ "External socket found in image", NULL, "a unix socket leads to a process that stayed behind", "add --ext-unix-sk at both ends", "unix-outside", false },
	{ "Can't dump half of stream unix", NULL, "a unix socket leads to a process that stays behind", "move its peer too, or have it close the connection", "unix-outside", false },
	{ "Can't dump name-less external", NULL, "a unix socket leads to a process that stays behind", "move its peer too, or have it close the connection", "unix-outside", false },
	{ "without peer", "Unix socket", "a unix socket leads to a process that stays behind", "move its peer too", "unix-outside", false },
	{ "with unreachable peer", NULL, "a unix socket leads to a process that stays behind", "move its peer too", "unix-outside", false },
	{ "Dangling connection", NULL, "a unix socket's other side waits to be accepted outside of what moves", "try again", "unix-outside", false },
	{ "Can't find sender for", NULL, "a descriptor on its way in a unix socket comes from outside of what moves", "try again", "unix-outside", false },
	{ "Can't find fdesc to send", NULL, "a descriptor on its way in a unix socket is open nowhere in what moves", "try again", "unix-outside", false },
	{ "unix: Can't bind id", "No such file", "the directory of its unix socket is missing there", "make it there", "file-missing", false },
	{ "unix: Can't bind id", "in use", "the name of its unix socket is taken there", "remove it there", "port-taken", false },
	{ "unix: Can't connect", NULL, "what its unix socket leads to is not there", "start the same service there", "unix-outside", false },
	{ "Control messages in queue", NULL, "credentials or descriptors are on their way in a socket", "try again", "unix-outside", false },
	{ "Unix socket", "not found", "a unix socket of it belongs to another network namespace", OWN_NS, "unix-outside", false },
	{ "The socket has data to read", NULL, "a message from the kernel waits to be read by it", "try again", "socket-kind", false },
	{ "more than 32 groups", NULL, "it has a netlink socket that CRIU cannot carry over", ODD, "socket-kind", false },
	{ "bound to groups but not to portid", NULL, "it has a netlink socket that CRIU cannot carry over", ODD, "socket-kind", false },
	{ "Multiple MC membership", NULL, "it has a packet socket that CRIU cannot carry over", ODD, "socket-kind", false },
	{ "Can't bind packet socket", NULL, "the network interface of its packet socket is not there", "give the interface the same name there", "address-missing", false },

	/* file-lock.c, fsnotify.c, irmap.c */
	{ "Some file locks are hold", NULL, "it holds file locks", "add --file-locks", "file-locks", false },
	{ "Can not set flock", NULL, "a file that it has locked is locked by another there", "stop what holds the lock there", "lock-shared", false },
	{ "Can not set posix lock", NULL, "a file that it has locked is locked by another there", "stop what holds the lock there", "lock-shared", false },
	{ "Can not set ofd lock", NULL, "a file that it has locked is locked by another there", "stop what holds the lock there", "lock-shared", false },
	{ "Unresolved lock found", NULL, "a file lock is shared with a process that stays behind", "move that process too", "lock-shared", false },
	{ "lease", NULL, "it has a file lease that could not be carried over", "release it before the move", "file-locks", true },
	{ "Can't dump that handle", NULL, "it watches a file that cannot be found by name", "add --dump-option=--irmap-scan-path=DIR with its directory", "watches", false },
	{ "Can't find suitable path for handle", NULL, "it watches a file that cannot be found by name", "add --dump-option=--irmap-scan-path=DIR with its directory", "watches", false },
	{ "Can't add watch for", NULL, "a file that it watches is not there", "put it there", "watches", false },

	/* other descriptors: pidfd.c, pipes.c, eventpoll.c, aio.c, memfd.c, tun.c, timer.c */
	{ "is not a part of process tree", NULL, "it has a pidfd of a process that stays behind", "move that process too", "odd-descriptor", false },
	{ "PIDFD_THREAD flag", NULL, "it has a pidfd of a thread", ODD, "odd-descriptor", false },
	{ "packetized mode for pipes", NULL, "it has a pipe in packet mode", ODD, "odd-descriptor", false },
	{ "Escaped/closed fd descriptor", NULL, "it waits by epoll for a descriptor that it has closed", "restart it", "odd-descriptor", false },
	{ "Failed to check aio rings", NULL, "asynchronous reads or writes are under way", "try again", "odd-descriptor", false },
	{ "Can't create memfd", NULL, "its memory file could not be made there", KERNEL, "criu-check", false },
	{ "Net namespace is required to dump tun", NULL, "it has a tun device, which belongs to the host", "run it in a network namespace of its own", "device", false },
	{ "No net_ns for tun device", NULL, "it has a tun device, which belongs to the host", "run it in a network namespace of its own", "device", false },
	{ "tun device", NULL, "its tun device could not be carried over", "run it in a network namespace of its own", "device", false },
	{ "Can't create posix timer", NULL, "its timers could not be made there", KERNEL, "criu-check", false },

	/* shmem.c, ipc_ns.c, mem.c */
	{ "doesn't live in IPC ns", NULL, "it uses System V shared memory, which belongs to the host", "run it in an IPC namespace of its own", "sysv-shm", false },
	{ "SysVIPC shmem map", NULL, "it uses System V shared memory, which belongs to the host", "run it in an IPC namespace of its own", "sysv-shm", false },
	{ "Sysv shmem", NULL, "its System V shared memory is mapped in a way that CRIU does not know", "", "sysv-shm", false },
	{ "as SYSVIPC", NULL, "it uses System V shared memory", "run it in an IPC namespace of its own", "sysv-shm", false },
	{ "Unable to reserve memory", NULL, "there is not enough memory there", "free memory and try again", "no-room", false },
	{ "dirty memory tracker", NULL, "the kernel there cannot track changed memory", "use --mode plain", "criu-check", false },
	{ "high memory region", NULL, "its memory lies where that kernel has none", KERNEL, "arch", false },
	{ "uprobes vma", NULL, "a tracer has probes in it", "remove them, or add --dump-option=--allow-uprobes", "traced", false },
	{ "Pid-reuse detection failed", NULL, "the rounds before the freeze belong to another process", "try again", "images", false },

	/* seize.c, cr-dump.c, compel */
	{ "zombie", "found while seizing", "it has ended, and its parent has not taken notice yet", "", "zombie", false },
	{ "Zombie", NULL, "one of its threads has ended", "try again in a moment", "zombie", false },
	{ "Unable to interrupt task", "No such process", "it has ended meanwhile", "", "no-process", false },
	{ "Unable to interrupt task", NULL, "it could not be stopped", "is a debugger or strace on it, or has it ended?", "traced", false },
	{ "Unexpected error for pid", NULL, "it could not be stopped", "is a debugger or strace on it?", "traced", false },
	{ "SEIZE ", "Operation not permitted", "it could not be taken hold of", "is a debugger or strace on it?", "traced", false },
	{ "unable to seize", NULL, "it could not be taken hold of", "is a debugger or strace on it?", "traced", false },
	{ "already being traced", NULL, "a debugger is on it", "detach it first", "traced", false },
	{ "Unable to freeze cgroup", NULL, "its cgroup could not be frozen", "is one of its processes stuck in the kernel?", "stuck", false },
	{ "Timeout reached", NULL, "its processes could not all be stopped in time", "is one of them stuck in the kernel (state D)?", "stuck", false },
	{ "Individually stopped threads", NULL, "one of its threads is stopped and others are not", "continue it first", "stopped", false },
	{ "Can't get rlimit", NULL, "its limits could not be read", "CAP_SYS_RESOURCE is needed at the source", "limits", false },
	{ "POKEDATA failed", NULL, "the first of its memory that may be executed cannot be written, as a JIT compiler's buffer", "start it without (PHP: opcache.jit_buffer_size=0)", "shared-code", false },
	{ "Can't infect", NULL, "CRIU could not run its code in it", "is it confined, or of another architecture?", "criu-check", true },
	{ "rseq", NULL, "it uses restartable sequences, which that CRIU or kernel does not know", KERNEL, "criu-check", true },
	{ "Can't attach to", "Operation not permitted", "the restored process could not be started", "is ptrace restricted there (kernel.yama.ptrace_scope, seccomp, SELinux)?", "no-capability", false },

	/* namespaces.c, mount.c, mount-v2.c, net.c */
	{ "Can't dump nested", NULL, "one of its processes has namespaces of its own", OWN_NS, "namespaces", false },
	{ "Can't restore sub-task in NS", NULL, "one of its processes has namespaces of its own", OWN_NS, "namespaces", false },
	{ "nested", "namespace", "one of its processes has namespaces of its own", OWN_NS, "namespaces", false },
	{ "doesn't have a proper root mount", NULL, "one of its mounts leads out of its namespace", MOUNTS, "namespaces", false },
	{ "No parent found for mountpoint", NULL, "its root is no mount of its own", MOUNTS, "namespaces", false },
	{ "unsupported id", "FS mnt", "one of its mounts is of a kind that CRIU does not know", MOUNTS, "namespaces", false },
	{ "is unreachable", "Mount", "one of its mounts is hidden under another", MOUNTS, "namespaces", false },
	{ "ext-mount-map", NULL, "one of its mounts comes from outside", MOUNTS, "namespaces", false },
	{ "Can't mount at", NULL, "one of its mounts could not be made there", MOUNTS, "namespaces", false },
	{ "Can't bind-mount", NULL, "one of its mounts could not be made there", MOUNTS, "namespaces", false },
	{ "Can't restore mntns", NULL, "its mounts could not be made there", MOUNTS, "namespaces", false },
	{ "Can't restore link", NULL, "its network interfaces could not be made there", OWN_NS, "namespaces", false },
	{ "userns", NULL, "its user namespace could not be carried over", OWN_NS, "namespaces", true },

	/* cgroup.c */
	{ "Abort restore of existing cgroups", NULL, "its cgroup is there already", "leave --manage-cgroups=strict out", "cgroup-layout", false },
	{ "CG paths mismatch", NULL, "its threads are in different cgroups", "add --manage-cgroups=ignore at both ends", "cgroup-layout", false },
	{ "Can't move ", " into ", "its cgroup there could not be entered", "see that the same cgroup hierarchies are mounted there", "cgroup-layout", false },
	{ "cg: ", NULL, "its cgroup could not be made there", "see that the same cgroup hierarchies are mounted there", "cgroup-layout", true },

	/* lsm.c, apparmor.c, seccomp.c */
	{ "but apparmor not supported", NULL, "AppArmor confines it, which is not there", "run it unconfined, or choose another host", "label", false },
	{ "but selinux not supported", NULL, "SELinux confines it, which is not there", "choose another host", "label", false },
	{ "mismatched lsm types", NULL, "another security module confines it there", "choose another host", "label", false },
	{ "Invalid selinux context", NULL, "its SELinux context is none that CRIU knows", "", "label", false },
	{ "apparmor", NULL, "its AppArmor profile could not be set there", "load the same profile there", "label", true },
	{ "AppArmor", NULL, "its AppArmor profile could not be set there", "load the same profile there", "label", true },
	{ "selinux", NULL, "its SELinux context could not be set there", "see that both hosts have the same policy", "label", true },
	{ "seccomp", NULL, "its seccomp filter could not be carried over", KERNEL, "seccomp", true },

	/* arch, vdso.c, kerndat.c */
	{ "Unable to drop capability", NULL, "its bounding set of capabilities is smaller, and CRIU there may not make it so", "setcap cap_checkpoint_restore,cap_setpcap+eip the criu there, or be root", "own-only", false },
	{ "Can't setgroups", NULL, "CRIU there may not give it its groups", "put the user into the same groups there, or be root", "own-only", false },
	{ "CPU capabilities do not match", NULL, "the CPU there lacks features that it may use", "choose a host with the same CPU", "cpu", false },
	{ "CPU instruction capabilities", NULL, "the CPU there lacks instructions that it may use", "choose a host with the same CPU", "cpu", false },
	{ "FPU", NULL, "the CPU there lacks features that it may use", "choose a host with the same CPU", "cpu", true },
	{ "xfeatures", NULL, "the CPU there lacks features that it may use", "choose a host with the same CPU", "cpu", true },
	{ "ELF header magic mismatch", NULL, "CRIU there does not know the vDSO of images that a newer CRIU has made", "install at least the source's version there", "criu-backwards", false },
	{ "vDSO", NULL, "CRIU there does not know that kernel's vDSO", KERNEL, "criu-check", true },
	{ "kerndat", NULL, "CRIU there could not find out what that kernel can do", KERNEL, "criu-check", true },

	/* image.c, page-xfer.c, pagemap.c, protobuf.c */
	{ "Not supported images version", NULL, "the images are of a CRIU that is too new for that one", "use the same version at both ends", "criu-backwards", false },
	{ "agic doesn't match", NULL, "an image is not what it should be", TORN, "images", false },
	{ "Unexpected EOF", NULL, "an image is cut short", TORN, "images", false },
	{ "Can't read pagemap", NULL, "an image is cut short", TORN, "images", false },
	{ "Reached EOF unexpectedly", NULL, "an image is cut short", TORN, "images", false },
	{ "Can't open image", NULL, "an image is missing", TORN, "images", false },
	{ "Unable to open core", NULL, "an image is missing", TORN, "images", false },
	{ ".img", "No such file", "an image is missing", TORN, "images", false },
	{ "Failed parsing packed", NULL, "an image is damaged", TORN, "images", false },
	{ "unpack", "failed", "an image is damaged", TORN, "images", true },
	{ "page server doesn't answer", NULL, "the page server at the destination was not reached", "use --via relay", "transport", false },
	{ "Remote side closed connection", NULL, "the connection that memory went over broke", "try again", "transport", false },
	{ "Unable to set a pipe size", "not permitted", "root there has too much in pipes just now", "try again, or raise fs.pipe-user-pages-soft", "no-capability", false },
	{ "tee: ", "Operation not permitted", "memory could not be sent on demand", "raise fs.pipe-user-pages-soft, or use --mode plain", "no-capability", false },
	{ "uffd", NULL, "memory could not be fetched on demand", "use --mode plain", "criu-check", true },

	/* what may come from anywhere */
	{ "No space left on device", NULL, "a disk is full", "make room and try again", "no-room", false },
	{ "Disk quota exceeded", NULL, "a quota is used up", "make room and try again", "no-room", false },
	{ "Cannot allocate memory", NULL, "there is not enough memory", "free memory and try again", "no-room", false },
	{ "Too many open files", NULL, "too many files are open there", "raise the limit of open files (ulimit -n)", "limits", false },
	{ "Error (hook)", NULL, "the operator's hook failed", "see that it works by itself", "action-script", false },
	{ "execvp(", NULL, "a program that CRIU was to run is not there", "see CRIU's log", "action-script", false },
	{ "script ret code", NULL, "an action script of the operator's failed", "see what it prints", "action-script", true },
	{ "dump script failed", NULL, "an action script of the operator's failed", "see what it prints", "action-script", true },
	{ "No such process", NULL, "it has ended meanwhile", "", "no-process", true },
	{ "Can't open file ", NULL, "a file that it needs could not be opened there", MISSING, "file-missing", true },
	{ "killed by signal 11", NULL, "the copy crashed while it was made", KERNEL, "criu-check", true },
	{ "killed by signal", NULL, "the copy was killed while it was made", "is there enough memory?", "no-room", true },
	{ "Operation not permitted", NULL, "the host did not permit it", "is the login root with all capabilities?", "no-capability", true },
	{ "Permission denied", NULL, "the host did not permit it", "does SELinux or AppArmor confine CRIU there?", "no-capability", true },
	{ NULL, NULL, NULL, NULL, NULL, false },
};

#define _GNU_SOURCE
#include "walls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// All of this runs before main and before Go's runtime starts its threads:
// what is given up here is given up by every thread. An outside program is
// started from here too, so that it does not cost a start of Go's runtime.

int sohoa_walls;

enum { ARG_MARK = 1, ARG_NAME, ARG_MEMORY, ARG_CPU, ARG_FILE, ARG_WALLS, ARG_FIRST };

// ---- system calls

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(v) BPF_STMT(BPF_RET | BPF_K, (v))
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)

// never are calls that no parser needs: other machines, other processes, the
// machine itself, and ways around the rest.
static const int never[] = {
	// the network; a pair of sockets reaches nobody, and Java opens no file without one
	SYS_socket, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_connect,
	SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_sendmmsg, SYS_recvmsg, SYS_recvmmsg,
	// other processes
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_setsid, SYS_setpgid, SYS_setns, SYS_unshare,
	SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_tkill, SYS_pidfd_open, 438 /* pidfd_getfd */, 440 /* process_madvise */,
	// the machine
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_sethostname, SYS_setdomainname,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_acct, SYS_quotactl, SYS_syslog,
	SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_fsopen, SYS_fsmount, SYS_move_mount, SYS_open_tree,
	442 /* mount_setattr */, SYS_mknodat,
	// large and little used parts of the kernel
	SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
	SYS_add_key, SYS_request_key, SYS_keyctl, SYS_personality, SYS_name_to_handle_at, SYS_open_by_handle_at,
	SYS_fanotify_init, SYS_memfd_create, SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget, SYS_mq_open,
#if defined(__x86_64__)
	SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_kexec_file_load, SYS_mknod,
#endif
};

static const int spawning[] = {
#if defined(__x86_64__)
	SYS_fork, SYS_vfork,
#endif
};

static int add(struct sock_filter *f, int n, struct sock_filter i) {
	f[n] = i;
	return n + 1;
}

static int refuse_call(struct sock_filter *f, int n, int call) {
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
	return add(f, n, (struct sock_filter)REFUSE);
}

// filter puts the filter up. Alone refuses new processes, and outside says that
// the one exec of an outside program is still to come.
static int filter(int alone, int outside, int folders) {
	struct sock_filter f[3 * (sizeof never / sizeof *never) + 80];
	int n = 0;
	n = add(f, n, (struct sock_filter)LOAD(arch));
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
	n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	n = add(f, n, (struct sock_filter)LOAD(nr));
#if defined(__x86_64__)
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1)); // the x32 calls
	n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
#endif
	// LibreOffice does not start unless it waits at a socket of this machine for another
	// one. It is told that it does: there is a socket, and it is bound to nothing.
	if (folders) {
		for (int k = 0; k < 2; k++) {
			n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k ? SYS_listen : SYS_bind, 0, 1));
			n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | 0));
		}
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4));
		n = add(f, n, (struct sock_filter)LOAD(args[0]));
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1 /* AF_UNIX */, 1, 0));
		n = add(f, n, (struct sock_filter)REFUSE);
		n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	}
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		n = refuse_call(f, n, never[i]);
	// A structure cannot be looked into: the C library falls back to clone.
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 435 /* clone3 */, 0, 1));
	n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
	if (alone) {
		for (size_t i = 0; i < sizeof spawning / sizeof *spawning; i++)
			n = refuse_call(f, n, spawning[i]);
		if (!outside) {
			n = refuse_call(f, n, SYS_execve);
			n = refuse_call(f, n, SYS_execveat);
		}
		n = refuse_call(f, n, 424 /* pidfd_send_signal */);
		// signals to this process only: its own runtime sends them
		for (int k = 0; k < 2; k++) {
			n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k ? SYS_tgkill : SYS_kill, 0, 4));
			n = add(f, n, (struct sock_filter)LOAD(args[0]));
			n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0));
			n = add(f, n, (struct sock_filter)REFUSE);
			n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
		}
	} else {
		// none to those who started it, nor to whole groups
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 0, 6));
		n = add(f, n, (struct sock_filter)LOAD(args[0]));
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getppid(), 2, 0));
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80000000, 0, 1));
		n = add(f, n, (struct sock_filter)REFUSE);
		n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	}
	// clone: threads; processes if it may have them; never namespaces
	uint32_t spaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, alone ? 5 : 4));
	n = add(f, n, (struct sock_filter)LOAD(args[0]));
	n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, spaces, alone ? 1 : 0, alone ? 0 : 1));
	if (alone)
		n = add(f, n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
	n = add(f, n, (struct sock_filter)REFUSE);
	n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	n = add(f, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	struct sock_fprog p = {.len = n, .filter = f};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p, 0, 0);
}
#else
static int filter(int alone, int outside, int folders) { return -1; }
#endif

// ---- files (Landlock; the structures are spelt out: headers may be older than the kernel)

struct ruleset { uint64_t fs, net, scoped; };
struct __attribute__((packed)) beneath { uint64_t allowed; int32_t fd; };

#define FS_EXECUTE (1 << 0)
#define FS_WRITE (1 << 1)
#define FS_READ (1 << 2)
#define FS_LIST (1 << 3)
#define FS_REMOVE (1 << 5)
#define FS_MAKE (1 << 8)
#define FS_FOLDERS (1 << 4 | 1 << 7 | 1 << 13) // made, removed, and files moved between them
#define FS_TRUNCATE (1 << 14)

static int rule(int set, const char *path, uint64_t allowed) {
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return 0; // what is not there cannot be opened
	struct stat st;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		allowed &= FS_EXECUTE | FS_WRITE | FS_READ | FS_TRUNCATE;
	struct beneath b = {allowed, fd};
	int err = syscall(445, set, 1 /* path beneath */, &b, 0);
	close(fd);
	return err;
}

// landlock lets the child open what it needs if files, and in any case send
// signals to its own kind alone.
static void landlock(int files, int folders, const char *temp, int argc, char **argv) {
	int abi = syscall(444, NULL, 0, 1 /* version */);
	if (abi < 1 || !files && abi < 6)
		return;
	struct ruleset r = {0, abi >= 4 ? 3 : 0, abi >= 6 ? 3 : 0};
	if (files)
		r.fs = abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi >= 2 ? 0x3fff : 0x1fff;
	int set = syscall(444, &r, abi >= 6 ? sizeof r : abi >= 4 ? 16 : 8, 0);
	if (set < 0)
		return;
	int err = 0;
	if (files) {
		static const char *system[] = {"/usr", "/lib", "/lib64", "/bin", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime",
			"/etc/nsswitch.conf", "/etc/passwd", "/var/cache/fontconfig", "/proc", "/sys/devices/system", "/sys/kernel/mm", "/proc/self/exe"};
		for (size_t i = 0; i < sizeof system / sizeof *system; i++)
			err |= rule(set, system[i], FS_EXECUTE | FS_READ | FS_LIST);
		err |= rule(set, "/dev/null", FS_READ | FS_WRITE | FS_TRUNCATE & r.fs);
		err |= rule(set, "/dev/zero", FS_READ);
		err |= rule(set, "/dev/random", FS_READ);
		err |= rule(set, "/dev/urandom", FS_READ);
		if (temp && *temp)
			err |= rule(set, temp, (FS_READ | FS_WRITE | FS_LIST | FS_MAKE | FS_REMOVE | FS_TRUNCATE | (folders ? FS_FOLDERS : 0)) & r.fs);
		if (getenv("SOHOA_JAIL_WRITES"))
			err |= rule(set, getenv("SOHOA_JAIL_WRITES"), (FS_READ | FS_WRITE | FS_TRUNCATE) & r.fs);
		if (getenv("GOCOVERDIR"))
			err |= rule(set, getenv("GOCOVERDIR"), (FS_READ | FS_WRITE | FS_LIST | FS_MAKE | FS_REMOVE | FS_TRUNCATE) & r.fs);
		for (int i = ARG_FIRST; i < argc; i++)
			err |= rule(set, argv[i], FS_READ | FS_LIST);
	}
	if (err == 0 && syscall(446, set, 0) == 0)
		sohoa_walls |= (files ? WALL_FILES : 0) | (abi >= 6 ? WALL_SIGNALS : 0);
	close(set);
}

// ---- capabilities: of root's it keeps the reading of others' files

static void lay_down(void) {
	if (geteuid() != 0)
		return;
	for (int c = 0; c < 64; c++)
		if (c != CAP_DAC_READ_SEARCH)
			(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}, {0}};
	data[0].effective = data[0].permitted = 1u << CAP_DAC_READ_SEARCH;
	if (syscall(SYS_capset, &head, data) == 0)
		sohoa_walls |= WALL_CAPS;
}

static int cap(int resource, const char *s, rlim_t more) {
	rlim_t n = strtoull(s, NULL, 10);
	struct rlimit l = {n, n + more};
	return n == 0 ? 0 : setrlimit(resource, &l);
}

static int has(const char *s, char c) { return strchr(s, c) != NULL; }

__attribute__((constructor)) static void walls(int argc, char **argv, char **envp) {
	if (argc < ARG_FIRST || strcmp(argv[ARG_MARK], "jail-child") != 0)
		return;
	sohoa_walls = WALL_INSIDE;
	const char *w = argv[ARG_WALLS];
	int outside = strcmp(argv[ARG_NAME], "exec") == 0 && argc > ARG_FIRST;
	if (outside) {
		struct rlimit none = {0, 0};
		if (cap(RLIMIT_DATA, argv[ARG_MEMORY], 0) || cap(RLIMIT_FSIZE, argv[ARG_FILE], 0) || setrlimit(RLIMIT_CORE, &none))
			return; // Go says so
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		sohoa_walls |= WALL_NOPRIVS;
	if (!has(w, 'n')) { // one that may use the network keeps a token: it meets no outside bytes
		struct rlimit few = {256, 256};
		(void)setrlimit(RLIMIT_NOFILE, &few);
		(void)setpriority(PRIO_PROCESS, 0, 10); // who waits for a page comes first
		landlock(has(w, 'c'), has(w, 'f'), has(w, 't') ? getenv("TMPDIR") : NULL, argc, argv);
		lay_down();
		if (filter(has(w, 'a'), outside, has(w, 'f')) == 0)
			sohoa_walls |= WALL_CALLS;
	}
	if (outside && cap(RLIMIT_CPU, argv[ARG_CPU], 2) == 0)
		execve(argv[ARG_FIRST], argv + ARG_FIRST, envp); // where it fails, Go says so
}

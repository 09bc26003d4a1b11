package jail

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"
)

// isolation returns the process attributes of a child: killed with its parent,
// in a process group of its own (so that Ctrl-C reaches the parent alone), and
// in a network namespace without any interface where the kernel lets us, unless
// it may use the network. What a child starts shares the group and the network
// of the child.
func isolation(network bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: !within()}
	if !network && !within() && Isolated() {
		withoutNetwork(a)
	}
	return a
}

func withoutNetwork(a *syscall.SysProcAttr) {
	a.Cloneflags = syscall.CLONE_NEWNET
	if os.Geteuid() != 0 {
		a.Cloneflags |= syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
}

// Isolated reports whether children run without network on this machine.
var Isolated = sync.OnceValue(func() bool {
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	withoutNetwork(cmd.SysProcAttr)
	return cmd.Run() == nil
})

// killGroup ends the child and all that it started: none of them can have left
// its group (see walls.c).
func (p *Process) killGroup() {
	if p.cmd.SysProcAttr.Setpgid {
		_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // nobody is left in it: good
	}
}

// exited waits until a child has ended, and leaves it to be waited for: its
// number, and its group's, stay its own until then.
func exited(pid int) {
	const byPID, ended, leave = 1, 4, 0x01000000 // P_PID, WEXITED, WNOWAIT
	var info [128]byte                           // siginfo_t
	for {
		_, _, err := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid), uintptr(unsafe.Pointer(&info)), ended|leave, 0, 0)
		if err != syscall.EINTR {
			return
		}
	}
}

// wide is the room of a pipe to or from a child that stays, in bytes. A page goes through of a
// million bytes: of the kernel's usual 64 KiB, whoever writes and whoever reads wait for
// one another sixteen times. More than this falls out of the processor's own memory.
const wide = 256 << 10

// widen gives a pipe so much room, if there is as much for this user (pipe(7)).
func widen(pipe any, room int) {
	c, ok := pipe.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETPIPE_SZ, uintptr(room))
		})
	}
}

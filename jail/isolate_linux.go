package jail

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// isolation returns the process attributes of a child: killed with its parent,
// in a process group of its own (so that Ctrl-C reaches the parent alone), and
// in a network namespace without any interface where the kernel lets us, unless
// it may use the network.
func isolation(network bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if !network && Isolated() {
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

//go:build unix

package estest

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the command the head of a process group: the launcher and the
// server are two processes that have to go together.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the command itself to end.
func interrupt(cmd *exec.Cmd) { _ = syscall.Kill(cmd.Process.Pid, syscall.SIGTERM) }

// killGroup ends the whole group; that it has already ended is no error.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

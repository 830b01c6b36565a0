//go:build !unix

package estest

import "os/exec"

// Without process groups the start script does not run either: these only let
// the package compile.

func ownGroup(*exec.Cmd) {}

func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

//go:build unix

package archive

import "syscall"

const fullErr = syscall.ENOSPC

package archive

import "golang.org/x/sys/windows"

const fullErr = windows.ERROR_DISK_FULL

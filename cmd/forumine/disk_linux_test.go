package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk crawls into a folder that fills up, then makes room and runs the
// same command again.
func TestFullDisk(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	if os.Geteuid() != 0 {
		t.Skip("a small disk can be mounted as root only")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1500k"); err != nil {
		t.Skipf("a small disk can be mounted as root with the right to mount only: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	_, url := serveDemo(t)
	args := []string{"crawl", url, "--data", filepath.Join(disk, "data"), "--allow-private", "--delay", "0"}
	r := forumine(t, args...)
	if r.code != exitFailed {
		t.Fatalf("exit status %d, want %d\n%s%s", r.code, exitFailed, r.out, r.stderr)
	}
	if !strings.Contains(r.stderr, "space") && !strings.Contains(r.stderr, "full") {
		t.Errorf("the message does not name the full disk:\n%s", r.stderr)
	}
	if strings.Contains(r.stderr, "internal error") || strings.Contains(r.stderr, "goroutine ") {
		t.Errorf("a full disk is no internal error:\n%s", r.stderr)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	out := succeed(t, args...)
	if !strings.Contains(out, "the data folder holds 42 threads, 326 posts, 23 authors") {
		t.Errorf("with room again, the same command gives:\n%s", out)
	}
}

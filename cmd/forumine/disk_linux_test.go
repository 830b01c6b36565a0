package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk crawls into folders that fill up at several places, then makes
// room, runs the same command again, and compares what it finds with an
// undisturbed run.
func TestFullDisk(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	if os.Geteuid() != 0 {
		t.Skip("a small disk can be mounted as root only")
	}
	_, url := serveDemo(t)
	want := undisturbed(t, url)
	for _, size := range []string{"300k", "800k", "1500k", "3m"} {
		t.Run(size, func(t *testing.T) { crawlOntoFullDisk(t, url, size, want) })
	}
}

func crawlOntoFullDisk(t *testing.T, url, size string, want []string) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small disk can be mounted as root with the right to mount only: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
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
	succeed(t, args...)
	data := filepath.Join(disk, "data")
	checkFolder(t, data)
	compareLines(t, comparableLines(t, data), want)
}

package local_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"forumine/index"
	"forumine/index/local"
	"forumine/index/query"
)

const childEnv = "FORUMINE_LOCAL_TEST_DELIVER"

// TestMain turns this test binary into the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		deliverForever(dir)
		return
	}
	os.Exit(m.Run())
}

const crashBatch = 10

// deliverForever delivers batch after batch and names each on standard output
// once it is acknowledged.
func deliverForever(dir string) {
	x, err := local.Open(dir, local.Options{})
	if err != nil {
		fmt.Fprintln(os.Stdout, "error", err)
		return
	}
	for batch := 0; ; batch++ {
		var docs []index.Document
		for i := range crashBatch {
			docs = append(docs, post(batch*crashBatch+i, 1, "kettle "+strings.Repeat("water ", 100)))
		}
		if _, err := x.Deliver(context.Background(), docs); err != nil {
			fmt.Fprintln(os.Stdout, "error", err)
			return
		}
		fmt.Fprintln(os.Stdout, "stored", batch)
	}
}

// A process that is killed in the middle of deliveries loses nothing that it
// acknowledged, and leaves no half batch.
func TestKillDuringDelivery(t *testing.T) {
	for _, after := range []int{1, 7, 25} {
		dir := t.TempDir()
		acknowledged := killAfter(t, dir, after)
		x := open(t, dir, local.Options{})
		total := int(find(t, x, query.Query{Node: parse(t, "kettle")}).Total)
		if total%crashBatch != 0 || total < (acknowledged+1)*crashBatch {
			t.Errorf("killed after batch %d: %d documents found", acknowledged, total)
		}
		for n := range (acknowledged + 1) * crashBatch {
			if _, err := x.Get(context.Background(), post(n, 1, "").ID); err != nil {
				t.Fatalf("document %d was acknowledged: %v", n, err)
			}
		}
		next := post(0, 2, "teapot")
		deliver(t, x, next)
		if n := find(t, x, query.Query{Node: parse(t, "teapot")}).Total; n != 1 {
			t.Errorf("after the crash: teapot found %d times", n)
		}
		x.Close()
	}
}

// killAfter runs the child until it has acknowledged so many batches, kills it,
// and gives the number of the last batch that it acknowledged.
func killAfter(t *testing.T, dir string, batches int) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	last := -1
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "stored %d", &last); err != nil {
			t.Errorf("child: %s", lines.Text())
			break
		}
		if last+1 == batches {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	return last
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/cmd/forumine/demoforum"

	"github.com/spf13/cobra"
)

func newDemo(s streams) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "demo",
		Short: "See it work: crawl and search a small invented forum on this machine",
		Long: `Serve a small invented forum on loopback and run the very pipeline of
` + "`forumine crawl`" + ` over it: robots.txt, fetch, archive, extraction, state, embedded
index. Nothing is left outside the data folder; a second run works.`,
		Example: "  forumine demo\n  forumine demo --data /tmp/demo",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runDemo(c.Context(), s, data) },
	}
	dataFlag(c.Flags(), &data)
	return c
}

func runDemo(ctx context.Context, s streams, data string) (err error) {
	listener, now, err := openDemo(ctx, data)
	if err != nil {
		return err
	}
	f, err := demoforum.New(demoforum.Options{Now: now})
	if err != nil {
		return fmt.Errorf("making the demo forum: %w", err)
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Close())
		if end := <-served; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
	}()
	url := "http://" + listener.Addr().String() + "/"
	fmt.Fprintf(s.out, "%s, a small invented forum, is served at %s\ncrawling it into %s\n", demoforum.BoardTitle, url, data)
	sum, err := crawl(ctx, s, crawlFlags{data: data, allowPrivate: true}, []string{url})
	if sum != nil {
		sum.print(s.out)
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	return demoSearch(ctx, s, data)
}

// demoNote is kept in the data folder: where and when the forum was served
// first, so that a second run meets the same forum again.
type demoNote struct {
	Address string    `json:"address"`
	Now     time.Time `json:"now"`
}

// openDemo opens a free port on loopback: that of the last run if it is still
// free.
func openDemo(ctx context.Context, data string) (net.Listener, time.Time, error) {
	file := filepath.Join(data, "demo.json")
	note := demoNote{Now: time.Now().UTC().Truncate(time.Second)}
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &note)
	}
	var lc net.ListenConfig
	var listener net.Listener
	if err == nil {
		listener, err = lc.Listen(ctx, "tcp", note.Address)
	}
	if err != nil {
		if listener, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, note.Now, fmt.Errorf("opening a port on loopback: %w", err)
		}
	}
	note.Address = listener.Addr().String()
	if err := saveDemo(file, note); err != nil {
		return nil, note.Now, errors.Join(err, listener.Close())
	}
	return listener, note.Now, nil
}

func saveDemo(file string, note demoNote) error {
	raw, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("writing down the demo forum: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("creating the data folder: %w", plainPath(err))
	}
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		return fmt.Errorf("writing down the demo forum: %w", plainPath(err))
	}
	return nil
}

// demoQuery finds something in the demo forum.
const demoQuery = "dipole"

func demoSearch(ctx context.Context, s streams, data string) error {
	fmt.Fprintf(s.out, "\n$ %s search %s --limit 3\n", program(), demoQuery)
	f := searchFlags{data: data, limit: 3, kind: "post", sort: "relevance"}
	if err := runSearch(ctx, s, f, demoQuery); err != nil {
		return err
	}
	flag := ""
	if data != defaultData {
		flag = " --data " + data
	}
	fmt.Fprintf(s.out, `
next:
  %[2]s status%[1]s
  %[2]s search 'has:attachment'%[1]s
  %[2]s export%[1]s > forum.jsonl
  %[2]s crawl https://forum.example.org/ --contact you@example.org
`, flag, program())
	return nil
}

// program is how the user calls forumine: a program that `go run` has built is
// gone when it ends.
func program() string {
	if strings.Contains(filepath.ToSlash(os.Args[0]), "/go-build") {
		return "go run ./cmd/forumine"
	}
	return "forumine"
}

package main

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"forumine/cmd/forumine/study"

	"go.yaml.in/yaml/v3"
)

// parses holds that a command line names a command, and flags that it has.
func parses(t *testing.T, args []string) {
	t.Helper()
	root := newRoot(streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard, jsonLog: new(bool), identity: new(string)})
	c, rest, err := root.Find(args)
	noError(t, err)
	if c == root {
		t.Errorf("%q is no command", args)
	}
	noError(t, c.ParseFlags(rest))
	noError(t, c.ValidateArgs(c.Flags().Args()))
}

// TestServiceUnit holds that what systemd is told to start exists.
func TestServiceUnit(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../contrib/forumine.service")
	noError(t, err)
	n := 0
	for line := range strings.Lines(string(raw)) {
		if name, command, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.HasPrefix(name, "ExecStart") {
			parses(t, strings.Fields(command)[1:])
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d commands are started", n)
	}
}

// TestComposeFile holds that what the container is told exists.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../compose.yaml")
	noError(t, err)
	var file struct {
		Services map[string]struct {
			Command     []string
			Environment map[string]string
			Volumes     []string
		}
		Volumes map[string]any
	}
	noError(t, yaml.Unmarshal(raw, &file))
	service := file.Services["forumine"]
	parses(t, service.Command)
	for name := range service.Environment {
		if !slices.ContainsFunc(study.Keys(), func(key string) bool { return study.Variable(key) == name }) {
			t.Errorf("%s stands for no key of a study", name)
		}
	}
	if _, ok := file.Volumes["forumine"]; !ok || !slices.Contains(service.Volumes, "forumine:/data") {
		t.Errorf("the data folder is on no volume: %v", service.Volumes)
	}
}

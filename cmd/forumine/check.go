package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/extract/check"

	"github.com/spf13/cobra"
)

type checkFlags struct {
	update   bool
	junit    string
	profiles []string
}

func newCheck(s streams) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check DIR",
		Short: "Run extraction tests: saved pages against their expected readings",
		Long: `Run the extraction tests below a folder. A test is a folder with

  capture.json  {"url","fetched_at","status","header","facts","engine"}
  page.html     the saved page
  want.json     the expected reading
  expect.json   optional, written by hand: posts, first_author, last_words, …
  profile.yaml  optional, here or in a folder above: selectors for the site

Differences are shown field by field. Fields that a newer forumine adds, and its
extractor versions, are no differences. --update rewrites want.json, never
expect.json. Exit status: 0 when every test holds, 1 when one does not, 2 for a
wrong command line.`,
		Example: `  forumine check testdata/forums
  forumine check --update testdata/forums
  forumine check --junit report.xml testdata/forums`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runCheck(s, f, args[0]) },
	}
	c.Flags().BoolVar(&f.update, "update", false, "rewrite want.json from today's reading")
	profileFlag(c.Flags(), &f.profiles, "")
	c.Flags().StringVar(&f.junit, "junit", "", "write a JUnit report to this file")
	return c
}

func runCheck(s streams, f checkFlags, dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return misuse("%s is no folder", dir)
	}
	profiles, err := readProfiles(f.profiles)
	if err != nil {
		return err
	}
	fsys := os.DirFS(dir)
	cases, err := check.Cases(fsys)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	var results []check.Result
	bad := 0
	for _, name := range cases {
		start := time.Now()
		r := check.Run(fsys, name, profiles...)
		if f.update && r.Got != nil {
			if err := writeGolden(s.out, dir, name, r); err != nil {
				return err
			}
			r = check.Run(fsys, name, profiles...)
		}
		r.Took = time.Since(start)
		results = append(results, r)
		if !r.OK() {
			bad++
			printFailure(s.out, r)
		}
	}
	if err := writeJUnit(f.junit, results); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d of %d cases hold\n", len(cases)-bad, len(cases))
	if bad > 0 {
		return statusError{code: exitFailed}
	}
	return nil
}

func writeGolden(out io.Writer, dir, name string, r check.Result) error {
	file := filepath.Join(dir, filepath.FromSlash(name), "want.json")
	old, err := os.ReadFile(file)
	if err == nil && string(old) == string(r.Got) {
		return nil
	}
	if err := os.WriteFile(file, r.Got, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", file, plainPath(err))
	}
	fmt.Fprintf(out, "updated %s\n", file)
	return nil
}

func printFailure(out io.Writer, r check.Result) {
	if r.Err != nil {
		fmt.Fprintf(out, "FAIL %s\n  %v\n", r.Name, r.Err)
		return
	}
	fmt.Fprintf(out, "FAIL %s: %d fields differ\n%s", r.Name, len(r.Diffs), check.Describe(r))
}

func writeJUnit(name string, results []check.Result) error {
	if name == "" {
		return nil
	}
	var b strings.Builder
	if err := check.JUnit(&b, results); err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", plainPath(err))
	}
	return nil
}

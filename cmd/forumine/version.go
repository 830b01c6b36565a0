package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"forumine/extract"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

// version is the release; the linker may set it.
var version = "0.1.0-dev"

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of forumine, its extractor and its schema",
		Example: "  forumine version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(s.out, "forumine %s (extractor %d, schema %d, %s, %s/%s%s)\n",
				version, extract.Version, forum.SchemaVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH, revision())
			return err
		},
	}
}

// revision is the commit that the binary was built from, where the toolchain
// recorded one.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return ", " + s.Value[:12]
		}
	}
	return ""
}

func newEngines(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "engines",
		Short:   "List the forum engines that forumine reads",
		Example: "  forumine engines",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, e := range extract.Engines() {
				fmt.Fprintf(s.out, "%-14s %s\n", e.Name(), extract.Title(e.Name()))
			}
			return nil
		},
	}
}

package main

import (
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `forumine reads forums as clean data.

It crawls a forum politely, archives every page, reads posts, authors and
metadata out of the pages, and makes them searchable: in an embedded index, or
in Elasticsearch.

  forumine demo                              see it work on a small invented forum
  forumine crawl https://forum.example.org/  crawl a forum, a board or a thread
  forumine search "first light"              search what was crawled
  forumine extract page.html                 read saved pages, one JSON line each`

// newRoot builds the command tree.
func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "forumine",
		Short:         "Read forums as clean data",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().BoolVar(s.jsonLog, "json-log", false, "log one JSON object a line, and show no progress line")
	root.PersistentFlags().StringVar(s.identity, "identity", "", "file with the age identity that opens encrypted captures (default: as "+envIdentity+" or the study says)")
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return misuse("%w\nSee `%s --help`", err, c.CommandPath())
	})
	root.AddCommand(commands(s)...)
	root.SetHelpCommand(newHelp(root))
	misuseOnArgs(root)
	return root
}

// commands lists the commands in the order of the help.
func commands(s streams) []*cobra.Command {
	return []*cobra.Command{
		newDemo(s), newCrawl(s), newImport(s), newReindex(s), newForget(s),
		newInit(s), newConfig(s), newRun(s), newRuns(s), newSearch(s), newShow(s), newHistory(s), newProvenance(s), newExport(s), newReplies(s), newStatus(s), newCoverage(s), newAudit(s), newPlan(s), newRetry(s), newArchive(s), newIndex(s), newDeadLetters(s), newKibana(s), newPrivacy(s),
		newExtract(s), newCheck(s), newScrub(s), newProbe(s), newEngines(s), newVersion(s),
	}
}

// misuseOnArgs makes wrong arguments of every command an error of misuse.
func misuseOnArgs(c *cobra.Command) {
	if args := c.Args; args != nil {
		c.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return misuse("%w\nSee `%s --help`", err, c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		misuseOnArgs(sub)
	}
}

// newHelp is the command library's own, but for topics that do not exist: these
// are misuse.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Example: "  forumine help crawl",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return misuse("there is no command %q; `forumine help` lists them", strings.Join(args, " "))
			}
			return c.Help()
		},
	}
}

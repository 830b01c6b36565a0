package main

import (
	"forumine/index"

	"github.com/spf13/cobra"
)

func newKibana(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "kibana",
		Short: "Write saved objects for Kibana",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var prefix string
	export := &cobra.Command{
		Use:   "export",
		Short: "Write data views for posts, threads, authors and revisions, to import in Kibana",
		Long: `Write data views for posts, threads, authors and revisions and a saved search over
the posts to standard output, in the form that Kibana imports under Stack
Management → Saved objects, or by its API /api/saved_objects/_import.`,
		Example: `  forumine kibana export > forumine.ndjson
  curl -H 'kbn-xsrf: 1' -F file=@forumine.ndjson http://127.0.0.1:5601/api/saved_objects/_import`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !rePrefix.MatchString(prefix) {
				return misuse("--elasticsearch-prefix %q is none: use lower-case letters, digits, - and _, with a letter first", prefix)
			}
			out, err := index.KibanaObjects(prefix)
			if err != nil {
				return err
			}
			_, err = s.out.Write(out)
			return err
		},
	}
	export.Flags().StringVar(&prefix, "elasticsearch-prefix", "forum", "first word of the names of indices and aliases")
	c.AddCommand(export)
	return c
}

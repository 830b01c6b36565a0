package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"forumine/crawler/archive"
	"forumine/extract"
	"forumine/index"
	"forumine/index/accuracy"

	"github.com/spf13/cobra"
)

type auditFlags struct {
	data, file, report, site string
	sample                   int
	seed                     uint64
	sel                      selection
}

func newAudit(s streams) *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit",
		Short: "Measure how accurate the fields are on your forum: compare posts drawn at random with their archived pages",
		Long: `Draw posts at random, spread over engines and boards, and show each beside the
text of the archived page that it was read from, for a person to say which fields
are right:

  Enter         all fields are right
  2 5           fields 2 and 5 are wrong, the others right
  2 ?5          field 2 is wrong; of field 5 the page does not let you tell
  2 # off by 1  with a note
  m             show the whole page
  b             go back to the post before
  q             stop; the same command goes on from there

Judgements are kept in --file as they are made. The result is a table of accuracy by
field with 95 % intervals, in Markdown, for a methods section.`,
		Example: `  forumine audit --sample 100
  forumine audit --sample 200 --site forum.example.org --report accuracy.md`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAudit(c.Context(), s, f) },
	}
	fl := c.Flags()
	dataFlag(fl, &f.data)
	fl.IntVar(&f.sample, "sample", 100, "posts to draw")
	fl.Uint64Var(&f.seed, "seed", 1, "another seed draws other posts")
	fl.StringVar(&f.file, "file", "", "where judgements are kept (default: audit.jsonl in the data folder)")
	fl.StringVar(&f.report, "report", "", "write the table to this file too")
	fl.StringVar(&f.site, "site", "", "only this site")
	f.sel.add(fl)
	return c
}

func runAudit(ctx context.Context, s streams, f auditFlags) (err error) {
	if f.sample < 1 {
		return misuse("--sample %d is none: draw at least one post", f.sample)
	}
	node, err := f.sel.node()
	if err != nil {
		return err
	}
	d, err := openStacks(ctx, s, f.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	f.file = cmp.Or(f.file, filepath.Join(f.data, "audit.jsonl"))
	book, err := openAuditBook(f.file, auditHead{Seed: f.seed, Sample: f.sample, Selection: exportFlags{exporting: exporting{site: f.site}, sel: f.sel}.described()}, func() (auditHead, error) {
		return drawAudit(ctx, &selected{store: d.store, site: f.site, node: node}, f)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	if len(book.head.Drawn) == 0 {
		return errors.New("there is no post to draw: crawl something first, or widen the selection")
	}
	if err := judgeAll(ctx, s, d, book); err != nil {
		return err
	}
	return reportAudit(s, book, f.report)
}

// drawAudit draws the sample from the posts of a data folder.
func drawAudit(ctx context.Context, sel *selected, f auditFlags) (auditHead, error) {
	head := auditHead{Seed: f.seed, Sample: f.sample, Extractor: extract.Version, Selection: exportFlags{exporting: exporting{site: f.site}, sel: f.sel}.described()}
	pass := 0
	var err error
	head.Drawn, err = accuracy.Sample(f.seed, f.sample, func(fn func(accuracy.Unit) error) error {
		pass++
		return sel.posts(ctx, func(doc chosen) error {
			p, err := index.ParsePost(doc.Body)
			if err != nil || p.Crawl.WARC == "" {
				return err // an imported page that was not kept
			}
			if pass == 1 {
				head.Of++
			}
			return fn(accuracy.Unit{Key: doc.Key, Engine: cmp.Or(p.Site.Engine, p.Extract.Extractor), Board: cmp.Or(p.Forum.Path, p.Forum.ID)})
		})
	})
	return head, err
}

// judgeAll has a person judge what is left.
func judgeAll(ctx context.Context, s streams, d *stacks, book *auditBook) error {
	in := bufio.NewScanner(s.in)
	for i := book.first(); i < len(book.head.Drawn); {
		if err := ctx.Err(); err != nil {
			return err
		}
		unit := book.head.Drawn[i]
		view, err := d.auditView(ctx, unit.Key)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, archive.ErrLocked) {
			return err
		}
		if err != nil {
			fmt.Fprintf(s.err, "%s cannot be shown and is left out: %v\n", unit.Key, err)
			i++
			continue
		}
		fmt.Fprintf(s.out, "\n%d of %d · %s · %s\n%s\n\n", i+1, len(book.head.Drawn), unit.Engine, dash(unit.Board), view.url)
		view.print(s)
		step, err := judgeOne(s, in, book, unit, view)
		if err != nil {
			return err
		}
		if step == 0 {
			return nil
		}
		i = max(i+step, 0)
	}
	return nil
}

// judgeOne takes what a person says of one post: 1 leads to the next one, -1
// to the one before, 0 ends.
func judgeOne(s streams, in *bufio.Scanner, book *auditBook, unit accuracy.Unit, view auditView) (int, error) {
	for {
		fmt.Fprint(s.out, "wrong fields (Enter: none, m: whole page, b: back, q: stop)> ")
		if !in.Scan() {
			fmt.Fprintln(s.out)
			return 0, in.Err()
		}
		switch line := strings.TrimSpace(in.Text()); line {
		case "q":
			return 0, nil
		case "b":
			return -1, nil
		case "m":
			for _, line := range view.page {
				fmt.Fprintln(s.out, strings.Map(printable, line))
			}
		default:
			verdicts, note, err := readVerdicts(line, len(view.fields))
			if err != nil {
				fmt.Fprintf(s.out, "%v\n", err)
				continue
			}
			j := accuracy.Judgement{Unit: unit, Fields: map[string]accuracy.Verdict{}, Note: note}
			for i, f := range view.fields {
				j.Fields[f.name] = verdicts[i]
			}
			return 1, book.keep(j)
		}
	}
}

// readVerdicts reads "2 ?5 # a note": the numbers of fields that are wrong, and
// of those that cannot be told.
func readVerdicts(line string, fields int) ([]accuracy.Verdict, string, error) {
	out := make([]accuracy.Verdict, fields)
	for i := range out {
		out[i] = accuracy.Right
	}
	marks, note, _ := strings.Cut(line, "#")
	for _, word := range strings.FieldsFunc(marks, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		verdict := accuracy.Wrong
		number, unclear := strings.CutPrefix(word, "?")
		if unclear {
			verdict = accuracy.Unclear
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > fields {
			return nil, "", fmt.Errorf("%q is no number of a field: give those that are wrong, 1 to %d, with ? before those that you cannot tell", word, fields)
		}
		out[n-1] = verdict
	}
	return out, strings.TrimSpace(note), nil
}

func reportAudit(s streams, book *auditBook, file string) error {
	judged := book.judgements()
	if left := len(book.head.Drawn) - len(judged); left > 0 {
		fmt.Fprintf(s.out, "\n%d posts are not judged yet; the same command goes on\n", left)
	}
	if len(judged) == 0 {
		return nil
	}
	text := accuracy.Markdown(judged, auditFields(), len(book.head.Drawn), book.head.Of, book.head.Seed)
	fmt.Fprintf(s.out, "\n%s", text)
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", plainPath(err))
	}
	return nil
}

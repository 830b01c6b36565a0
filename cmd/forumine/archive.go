package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/index"

	"github.com/spf13/cobra"
)

func newArchive(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "archive",
		Short: "List, check, repair, encrypt and destroy archives: the data folder's own, or anybody's WARC and WACZ",
		Example: `  forumine archive list
  forumine archive check old-forum.wacz
  forumine archive repair torn.warc.gz --out whole.warc.gz`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newArchiveList(s), newArchiveCheck(s), newArchiveRepair(s), newArchiveExport(s), newArchiveKeygen(s), newArchiveEncrypt(s), newArchiveDecrypt(s), newArchiveDestroy(s), newArchiveDestroyed(s))
	return c
}

func newArchiveList(s streams) *cobra.Command {
	var data string
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List what an archive holds, one line a capture",
		Long: `List the captures of the data folder's archive, or of WARC and WACZ files and
folders of them: place, time, record type, status, bytes, address. Places that
cannot be read are named on standard error; there the exit status is 1.`,
		Example: `  forumine archive list
  forumine archive list old-forum.warc.gz --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return runArchiveList(c.Context(), s, data, args, all, asJSON)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().BoolVar(&all, "all", false, "list every record: requests, metadata and the rest too")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON line a record")
	return c
}

// archivePaths are the paths of the command line, or the data folder's archive,
// with the identity that opens what is encrypted.
func archivePaths(ctx context.Context, s streams, data string, args []string) ([]string, *archive.Identity, error) {
	if len(args) > 0 {
		return args, identityIn(identityFile(s)), nil
	}
	if err := dataFolder(data); err != nil {
		return nil, nil, err
	}
	id, err := folderIdentity(ctx, s, data)
	return []string{filepath.Join(data, "archive")}, id, err
}

func runArchiveList(ctx context.Context, s streams, data string, args []string, all, asJSON bool) error {
	paths, id, err := archivePaths(ctx, s, data, args)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(s.out)
	lines.SetEscapeHTML(false)
	damaged := 0
	for _, path := range paths {
		damage, err := archive.List(ctx, path, id, func(e archive.Entry) error {
			switch {
			case !all && !e.IsCapture():
				return nil
			case asJSON:
				return lines.Encode(e)
			}
			_, err := fmt.Fprintln(s.out, e)
			return err
		})
		if err != nil {
			return plainPath(err)
		}
		for _, p := range damage {
			fmt.Fprintf(s.err, "cannot be read: %v\n", p)
		}
		damaged += len(damage)
	}
	if damaged > 0 {
		return statusError{code: exitFailed}
	}
	return nil
}

func newArchiveCheck(s streams) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Read an archive to its end and verify every record",
		Long: `Verify every record: that its gzip member, header and length are whole and that
its digests are true; of a WACZ also the hashes of its files, indexes among them;
of the data folder also that every capture which the state names is there.

The exit status is 0 when all is whole and 1 when there is damage. Nothing is
changed.

Without the identity, of encrypted captures the frames alone are verified: that
none is missing, torn or altered by accident.`,
		Example: `  forumine archive check
  forumine archive check old-forum.warc.gz pages.wacz`,
		RunE: func(c *cobra.Command, args []string) error { return runArchiveCheck(c.Context(), s, data, args) },
	}
	dataFlag(c.Flags(), &data)
	return c
}

func runArchiveCheck(ctx context.Context, s streams, data string, args []string) error {
	if len(args) == 0 {
		return checkOwn(ctx, s, data)
	}
	damaged := 0
	for _, path := range args {
		checked, damage, err := archive.Verify(ctx, path, identityIn(identityFile(s)))
		if err != nil {
			return plainPath(err)
		}
		printProblems(s.out, damage)
		damaged += len(damage)
		hashes := ""
		if checked.Hashes > 0 {
			hashes = fmt.Sprintf(", %d files compared with their hashes", checked.Hashes)
		}
		fmt.Fprintf(s.out, "%s: %s%s: %s\n", path, checkedText(checked), hashes, verdict(len(damage)))
	}
	return damageStatus(damaged)
}

func printProblems(out io.Writer, damage []archive.Problem) {
	for _, p := range damage {
		fmt.Fprintf(out, "damaged: %v\n", p)
	}
}

func verdict(damaged int) string {
	switch damaged {
	case 0:
		return "whole"
	case 1:
		return "1 damaged place"
	}
	return fmt.Sprintf("%d damaged places", damaged)
}

func damageStatus(damaged int) error {
	if damaged > 0 {
		return statusError{code: exitFailed}
	}
	return nil
}

// checkOwn verifies the archive of a data folder, and that it holds what the
// state says it does.
func checkOwn(ctx context.Context, s streams, data string) error {
	if err := dataFolder(data); err != nil {
		return err
	}
	id, err := folderIdentity(ctx, s, data)
	if err != nil {
		return err
	}
	dir := filepath.Join(data, "archive")
	checked, _, err := archive.Verify(ctx, dir, id)
	if err != nil {
		return err
	}
	damage, err := archive.Check(ctx, dir, id)
	if err != nil {
		return err
	}
	named, err := checkReferences(ctx, data, id)
	if err != nil {
		return err
	}
	damage = append(damage, named.lost...)
	printProblems(s.out, damage)
	fmt.Fprintf(s.out, "%s: %s, %s: %s\n", dir, checkedText(checked), named, verdict(len(damage)))
	return damageStatus(len(damage))
}

// references is what the state names in the archive.
type references struct {
	captures, locked, destroyed int
	lost                        []archive.Problem
}

// String is a part of a line for people.
func (r references) String() string {
	text := fmt.Sprintf("%d captures named by the state", r.captures)
	if r.locked > 0 {
		text += fmt.Sprintf(", %d of them encrypted and not opened", r.locked)
	}
	if r.destroyed > 0 {
		text += fmt.Sprintf(", %d of them destroyed as asked", r.destroyed)
	}
	return text
}

// checkReferences reads every capture that the state names.
func checkReferences(ctx context.Context, data string, id *archive.Identity) (named references, err error) {
	store, err := state.OpenReadOnly(ctx, data)
	if errors.Is(err, state.ErrNotFound) {
		return named, nil
	}
	if err != nil {
		return named, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	a, err := archive.Open(filepath.Join(data, "archive"), archive.Options{ReadOnly: true, Identity: id})
	if err != nil {
		return named, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	err = store.Captures(ctx, state.CaptureFilter{}, func(c state.Capture) error {
		named.captures++
		ref, err := archive.ParseRef(c.Ref)
		if err == nil {
			_, err = a.Read(ctx, ref)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, archive.ErrDestroyed):
			named.destroyed++
		case errors.Is(err, archive.ErrLocked):
			named.locked++
		case err != nil:
			named.lost = append(named.lost, archive.Problem{File: ref.File, Offset: ref.Offset, URL: c.URL, Reason: "the state names a capture here: " + err.Error()})
		}
		return nil
	})
	return named, err
}

func newArchiveRepair(s streams) *cobra.Command {
	var data, out string
	c := &cobra.Command{
		Use:   "repair [PATH]",
		Short: "Cut a torn end off the data folder's archive, or save what is whole of a WARC file",
		Long: `Without a path, cut off the newest file of the data folder's archive what a
process or machine that died has left half-written, as the next crawl would.

With the path of anybody's WARC file, write every whole record of it to --out; the
file itself is not touched. What was cut or left out is listed. The exit status is
1 when damage remains that cannot be mended: records in the middle of a file, or
left out.`,
		Example: `  forumine archive repair
  forumine archive repair torn.warc.gz --out whole.warc.gz`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && out != "":
				return misuse("--out goes with the path of a WARC file: without a path the data folder's archive is repaired in place")
			case len(args) == 0:
				return repairOwn(c.Context(), s, data)
			case out == "":
				return misuse("say with --out where the whole records of %s go: the file itself is not touched", args[0])
			}
			return salvage(c.Context(), s, args[0], out)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&out, "out", "", "file for the whole records, .warc.gz; it must not exist")
	return c
}

// repairOwn repairs under the lock of the data folder: nobody writes meanwhile.
func repairOwn(ctx context.Context, s streams, data string) (err error) {
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.Open(ctx, data, state.Options{Folder: folder{index.NewFolder()}, Log: newLog(s, false)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	report, err := archive.Repair(filepath.Join(data, "archive"))
	if err != nil {
		return err
	}
	for _, cut := range report.Cut {
		fmt.Fprintf(s.out, "repaired: %v\n", cut)
	}
	if len(report.Cut) == 0 {
		fmt.Fprintln(s.out, "the archive's end is whole: nothing was cut")
	}
	printProblems(s.out, report.Problems)
	return damageStatus(len(report.Problems))
}

// salvage writes a file's whole records to a new one, which appears under its
// name when it is complete.
func salvage(ctx context.Context, s streams, path, out string) (err error) {
	if strings.HasSuffix(strings.ToLower(path), ".wacz") {
		return misuse("%s is a WACZ: unpack it (it is a zip file) and repair the WARC files in its folder archive/", path)
	}
	if _, err := os.Lstat(out); err == nil {
		return misuse("%s is there already: name a new file with --out", out)
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".forumine-*")
	if err != nil {
		return fmt.Errorf("writing whole records: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	kept, lost, err := archive.Salvage(ctx, path, identityIn(identityFile(s)), f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return plainPath(err)
	}
	printProblems(s.out, lost)
	if err := os.Rename(f.Name(), out); err != nil {
		return fmt.Errorf("writing whole records: %w", err)
	}
	fmt.Fprintf(s.out, "%s: %d whole records written to %s, %d places left out\n", path, kept, out, len(lost))
	return damageStatus(len(lost))
}

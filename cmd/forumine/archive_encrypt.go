package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"forumine/crawler/archive"

	"github.com/spf13/cobra"
)

func newArchiveKeygen(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "keygen FILE",
		Short: "Make an age identity for encrypted captures, and print its recipient",
		Long: `Make an age identity (X25519) in a new file that nobody else may read, and print
its recipient: what captures are encrypted to. age-keygen makes files of the same
kind. Keep the file, and a copy, away from the machine that crawls: without it
nobody can read the captures, with it everybody can.`,
		Example: `  forumine archive keygen study.key
  forumine crawl https://forum.example.org/ --contact you@example.org --encrypt-to age1…`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file, recipient, err := archive.GenerateIdentity()
			if err == nil {
				err = writeSecret(args[0], file)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(s.out, recipient)
			return nil
		},
	}
}

func newArchiveEncrypt(s streams) *cobra.Command {
	var data string
	var to []string
	c := &cobra.Command{
		Use:   "encrypt [--to RECIPIENT...]",
		Short: "Encrypt the data folder's captures, those that are there and those to come",
		Long: `Encrypt every file of the data folder's archive to the given recipients, or to
those that the data folder remembers, and everything that is archived from now on.
Places that state and documents name stay as they are. Files that are encrypted to
others are encrypted anew, which takes the identity that opens them (--identity).

Each file is written beside the old one and takes its place when it is whole.
Interrupted, the same command goes on.`,
		Example: `  forumine archive keygen study.key
  forumine archive encrypt --to age1…
  forumine archive encrypt --to age1… --identity old.key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runArchiveEncrypt(c.Context(), s, data, to)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringSliceVar(&to, "to", nil, "age recipient (age1…); may be repeated; remembered by the data folder")
	return c
}

func runArchiveEncrypt(ctx context.Context, s streams, data string, to []string) (err error) {
	p, err := openStore(ctx, s, data, encryption{recipients: to, identity: identityFile(s)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	kept, err := readEncryption(ctx, p.store.Reader)
	if err != nil {
		return err
	}
	if len(kept.Recipients) == 0 {
		return misuse("say to whom: --to RECIPIENT; `forumine archive keygen FILE` makes an identity and prints its recipient")
	}
	if err := p.beginRun(ctx, "archive encrypt"); err != nil {
		return err
	}
	done, err := p.archive.Encrypt(ctx, func(file string) { p.log.Info("encrypted", "file", file) })
	counts := map[string]int64{"files_encrypted": int64(done.Files), "bytes_encrypted": done.Bytes}
	if err := p.endRun(ctx, p.run, err, counts); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, %d bytes, %s\n", plural(done.Files, "file", "files"), done.Bytes, recipientsText(kept.Recipients))
	return nil
}

// openStore opens state and archive of a data folder for writing, for commands
// that change no document.
func openStore(ctx context.Context, s streams, data string, seal encryption) (*pipeline, error) {
	if err := dataFolder(data); err != nil {
		return nil, err
	}
	p := &pipeline{dir: data, log: newLog(s, false)}
	var err error
	if p.store, err = openState(ctx, data, p.log); err != nil {
		return nil, err
	}
	if err := p.openArchive(ctx, pipelineOptions{seal: seal}); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func newArchiveDecrypt(s streams) *cobra.Command {
	var data, out string
	c := &cobra.Command{
		Use:   "decrypt [FILE...] --out DIR",
		Short: "Write encrypted captures out as plain WARC files",
		Long: `Write the encrypted files of the data folder's archive, or those that are named,
decrypted to a folder: WARC files as they would be without encryption, byte for
byte. The archive itself stays as it is.`,
		Example: `  forumine archive decrypt --identity study.key --out plain/`,
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return misuse("say with --out into which folder the plain files go")
			}
			return runArchiveDecrypt(c.Context(), s, data, args, out)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&out, "out", "", "folder for the plain files; made where it is missing")
	return c
}

func runArchiveDecrypt(ctx context.Context, s streams, data string, files []string, out string) error {
	id := identityIn(identityFile(s))
	if len(files) == 0 {
		if err := dataFolder(data); err != nil {
			return err
		}
		var err error
		if id, err = folderIdentity(ctx, s, data); err != nil {
			return err
		}
		if files, err = filepath.Glob(filepath.Join(data, "archive", "*.warc.gz.age")); err != nil {
			return fmt.Errorf("listing the archive: %w", err)
		}
		if len(files) == 0 {
			return fmt.Errorf("the archive of %s has no encrypted file", data)
		}
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return fmt.Errorf("making the folder: %w", plainPath(err))
	}
	damaged := 0
	for _, file := range files {
		n, err := decryptFile(ctx, s, file, id, out)
		if err != nil {
			return err
		}
		damaged += n
	}
	return damageStatus(damaged)
}

func decryptFile(ctx context.Context, s streams, file string, id *archive.Identity, dir string) (damaged int, err error) {
	base, ok := archive.DecryptedName(file)
	if !ok {
		return 0, misuse("%s is no encrypted file of an archive: their names end in .warc.gz.age", file)
	}
	name, w, done, err := newFile(s, filepath.Join(dir, base), "")
	if err != nil {
		return 0, err
	}
	counted := &counting{w: w}
	wrong, err := archive.Decrypt(ctx, file, id, counted)
	if err = done(err); err != nil {
		return 0, plainPath(err)
	}
	printProblems(s.out, wrong)
	fmt.Fprintf(s.out, "%s: %d bytes\n", name, counted.n)
	return len(wrong), nil
}

// counting counts what is written.
type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// checkedText says what a check has compared.
func checkedText(c archive.Checked) string {
	text := fmt.Sprintf("%d records, %d digests compared", c.Total(), c.Digests)
	if c.Closed > 0 {
		text += fmt.Sprintf(", %d encrypted captures by their checksums alone (no identity opens them)", c.Closed)
	}
	return text
}

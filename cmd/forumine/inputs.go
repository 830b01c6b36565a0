package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/extract"
	"forumine/extract/forum"
)

// maxPage is the greatest saved page, in bytes, that is read.
const maxPage = 64 << 20

// input is one page to read: its capture, or why there is none.
type input struct {
	file    string
	capture forum.Capture
	engine  string
	err     error
}

// source says what the command line gives about saved pages.
type source struct {
	url       string
	fetchedAt time.Time
	stdin     io.Reader
	identity  *archive.Identity // opens encrypted files of an archive
	answers   bool              // folders hold answers to scripts too, *.json
}

// each hands every page of the named files, folders and archives to do, in
// order. An error of do ends it.
func (s source) each(ctx context.Context, paths []string, do func(input) error) error {
	for _, name := range paths {
		if err := s.one(ctx, name, do); err != nil {
			return err
		}
	}
	return nil
}

func (s source) one(ctx context.Context, name string, do func(input) error) error {
	if name == "-" {
		body, err := readCapped(s.stdin)
		return do(s.page("-", body, err))
	}
	info, err := os.Stat(name)
	if err != nil {
		return do(input{file: name, err: fmt.Errorf("opening the page: %w", plainPath(err))})
	}
	switch {
	case info.IsDir():
		return s.dir(ctx, name, do)
	case archive.IsArchive(name):
		return eachCapture(ctx, name, s.identity, do)
	}
	body, err := readFile(name)
	return do(s.page(name, body, err))
}

// plainPath drops the name of the system call from an error about a path.
func plainPath(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

func (s source) dir(ctx context.Context, root string, do func(input) error) error {
	names, err := pagesIn(root, s.answers)
	if err != nil {
		return do(input{file: root, err: err})
	}
	for _, name := range names {
		if err := s.one(ctx, name, do); err != nil {
			return err
		}
	}
	return nil
}

// pagesIn gives the pages and archives of a folder, in the order of their names.
func pagesIn(root string, answers bool) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !e.IsDir() && (isPage(name) || answers && isAnswer(name) || archive.IsArchive(name)) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the folder: %w", err)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, errors.New("the folder holds no pages (.html, .htm, .xhtml, .mhtml is not read) and no WARC or WACZ files")
	}
	return names, nil
}

// byAge gives the files that paths lead to, oldest first, by the first capture of
// an archive and by what the command line says of pages: an edit is only then
// known as one when the earlier text is read first. Pages of unknown time count
// as of now, and come last.
func (s source) byAge(ctx context.Context, paths []string) []string {
	type aged struct {
		name string
		at   time.Time
	}
	var files []aged
	for _, path := range paths {
		names := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			if within, err := pagesIn(path, s.answers); err == nil {
				names = within
			}
		}
		for _, name := range names {
			files = append(files, aged{name, s.age(ctx, name)})
		}
	}
	slices.SortStableFunc(files, func(a, b aged) int {
		if a.at.IsZero() != b.at.IsZero() {
			return b.at.Compare(a.at)
		}
		return a.at.Compare(b.at)
	})
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.name
	}
	return out
}

var errDated = errors.New("the first dated capture")

// age is the time of a file's first capture, zero where it is not known.
func (s source) age(ctx context.Context, name string) time.Time {
	if !archive.IsArchive(name) {
		return s.fetchedAt
	}
	var at time.Time
	_, err := archive.List(ctx, name, s.identity, func(e archive.Entry) error {
		if e.IsCapture() && !e.Date.IsZero() {
			at = e.Date
			return errDated
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDated) {
		return time.Time{} // reading it says what is wrong
	}
	return at
}

func isPage(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm", ".xhtml":
		return true
	}
	return false
}

// isAnswer tells JSON from what stands beside a case's page.
func isAnswer(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	switch base {
	case "capture.json", "expect.json", "want.json":
		return false
	}
	return filepath.Ext(base) == ".json" && !strings.HasSuffix(base, ".capture.json")
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening the page: %w", plainPath(err))
	}
	defer func() { _ = f.Close() }()
	return readCapped(f)
}

func readCapped(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	if len(body) > maxPage {
		return nil, fmt.Errorf("the page is larger than %d MiB, which no forum page is: is this the right file?", maxPage>>20)
	}
	return body, nil
}

// page is a saved page with the address that the command line gives, else the
// one that the page names itself.
func (s source) page(file string, body []byte, err error) input {
	if err != nil {
		return input{file: file, err: err}
	}
	c := forum.Capture{URL: s.url, FetchedAt: s.fetchedAt, Body: body}
	if c.URL == "" {
		c.URL = savedURL(body)
	}
	return input{file: file, capture: c}
}

var (
	reSavedFrom = regexp.MustCompile(`<!-- saved from url=\(\d+\)(https?://[^\s>]+) -->`)
	reSinglef   = regexp.MustCompile(`(?s)<!--\s*Page saved with SingleFile\s+url: (https?://\S+)`)
	reCanonical = regexp.MustCompile(`(?i)<link[^>]+rel=["']?canonical["']?[^>]*>`)
	reOGURL     = regexp.MustCompile(`(?i)<meta[^>]+property=["']og:url["'][^>]*>`)
	reHref      = regexp.MustCompile(`(?i)(?:href|content)=["'](https?://[^"']+)["']`)
)

// savedURL is the address that a saved page names: the note that browsers
// leave, the canonical link, Open Graph.
func savedURL(body []byte) string {
	head := body[:min(len(body), 256<<10)]
	for _, re := range []*regexp.Regexp{reSavedFrom, reSinglef} {
		if m := re.FindSubmatch(head); m != nil {
			return string(m[1])
		}
	}
	for _, re := range []*regexp.Regexp{reCanonical, reOGURL} {
		if m := reHref.FindSubmatch(re.Find(head)); m != nil {
			return strings.ReplaceAll(string(m[1]), "&amp;", "&")
		}
	}
	return ""
}

// eachCapture reads the pages of a WARC or WACZ file: HTML, and what a forum
// program answers to its own scripts.
func eachCapture(ctx context.Context, name string, id *archive.Identity, do func(input) error) error {
	_, err := archive.ReadAll(ctx, name, id, func(e archive.Exchange) error {
		if !htmlLike(e) && !isJSON(e) {
			return nil
		}
		c, err := e.Capture()
		if isJSON(e) && (err != nil || !extract.Known(c)) {
			return nil
		}
		if err != nil {
			return do(input{file: name, capture: forum.Capture{URL: e.URL}, err: err})
		}
		return do(input{file: name, capture: c})
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// htmlLike tells pages from pictures and style sheets. A response without a
// type is looked at.
func htmlLike(e archive.Exchange) bool {
	ct := strings.ToLower(e.Header.Get("Content-Type"))
	if ct == "" {
		return bytes.Contains(bytes.ToLower(e.Body[:min(len(e.Body), 1024)]), []byte("<"))
	}
	return strings.Contains(ct, "html") || strings.Contains(ct, "xml+xhtml")
}

// isJSON tells data that scripts fetch. Most of it is of no forum.
func isJSON(e archive.Exchange) bool {
	return strings.Contains(strings.ToLower(e.Header.Get("Content-Type")), "json")
}

// manifestLine is one line of --manifest.
type manifestLine struct {
	File      string              `json:"file"`
	URL       string              `json:"url"`
	FinalURL  string              `json:"final_url"`
	Status    int                 `json:"status"`
	Header    map[string][]string `json:"header"`
	Engine    string              `json:"engine"`
	FetchedAt *time.Time          `json:"fetched_at"`
}

// eachOfManifest reads the pages that a manifest lists, in its order.
func eachOfManifest(ctx context.Context, manifest, dir string, do func(input) error) error {
	f, err := os.Open(manifest)
	if err != nil {
		return fmt.Errorf("opening the manifest: %w", plainPath(err))
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 1<<20), 64<<20)
	for n := 1; lines.Scan() && ctx.Err() == nil; n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var m manifestLine
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.File == "" {
			return fmt.Errorf("reading line %d of %s: want {\"file\",\"url\",…}: %w", n, manifest, cmpErr(err))
		}
		if err := do(m.input(dir)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	return ctx.Err()
}

func cmpErr(err error) error {
	if err == nil {
		return errors.New("no file is named")
	}
	return err
}

func (m manifestLine) input(dir string) input {
	body, err := readFile(filepath.Join(dir, filepath.FromSlash(m.File)))
	in := input{file: m.File, engine: m.Engine, err: err}
	address := m.URL
	if address == "" && m.FinalURL == "" {
		address = savedURL(body)
	}
	in.capture = forum.Capture{URL: address, FinalURL: m.FinalURL, Status: m.Status, Header: m.Header, Body: body}
	if m.FetchedAt != nil {
		in.capture.FetchedAt = *m.FetchedAt
	}
	return in
}

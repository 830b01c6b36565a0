package scrub_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"forumine/extract"
	"forumine/extract/dom"
	"forumine/extract/forum"
	"forumine/extract/scrub"

	"golang.org/x/net/html"
)

const corpus = "../../../shared/corpus/wcxb-dev.tar.xz"

// TestCorpus scrubs real pages, reads page and fixture, and compares the
// structure of the readings; and it looks for what should be gone.
func TestCorpus(t *testing.T) {
	pages := unpack(t)
	same, leaks, guessed, sameGuessed := 0, 0, 0, 0
	for _, p := range pages {
		out, err := scrub.Pages([]forum.Capture{p.capture}, scrub.Options{Seed: 7})
		if err != nil {
			t.Errorf("%s: %v", p.file, err)
			continue
		}
		before, after := read(t, p.capture), read(t, out[0])
		diffs := differences(shapeOf(before), shapeOf(after))
		guess := before.Engine == "generic"
		if guess {
			guessed++
		}
		switch {
		case len(diffs) == 0 && guess:
			sameGuessed++
		case len(diffs) == 0:
			same++
		default:
			t.Logf("%s (%s): %s", p.file, before.Engine, strings.Join(diffs[:min(len(diffs), 4)], "; "))
		}
		if left := remains(t, p.capture, out[0], before); len(left) > 0 {
			leaks++
			t.Errorf("%s (%s): still there: %q", p.file, before.Engine, left[:min(len(left), 5)])
		}
	}
	share := float64(same) / float64(len(pages)-guessed)
	t.Logf("%d of %d pages keep their structure (%.4f), %d of %d that are guessed; words or names remain on %d", same, len(pages)-guessed, share, sameGuessed, guessed, leaks)
	if share < .99 {
		t.Errorf("%.4f of the pages of known engines keep their structure, want .99", share)
	}
	if all := float64(same+sameGuessed) / float64(len(pages)); all < .99 {
		t.Errorf("%.4f of all pages keep their structure, want .99", all)
	}
}

type page struct {
	file    string
	capture forum.Capture
}

func unpack(t *testing.T) []page {
	t.Helper()
	archive, err := filepath.Abs(corpus)
	if err == nil {
		_, err = os.Stat(archive)
	}
	if err != nil {
		t.Skip("no pages in ../shared/corpus: what real pages become is not measured")
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Skipf("unpacking ../shared/corpus takes tar and xz: %v\n%s", err, out)
	}
	root := filepath.Join(dir, "wcxb-dev")
	list, err := os.Open(filepath.Join(root, "truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var pages []page
	lines := bufio.NewScanner(list)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct{ File, URL string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(filepath.Join(root, "pages", line.File))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page{line.File, forum.Capture{URL: line.URL, Body: body}})
	}
	return pages
}

func read(t *testing.T, c forum.Capture) *forum.Page {
	t.Helper()
	p, err := extract.Read(c, forum.Facts{}, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shapeOf is what has to be the same: a path of the reading's JSON to "there",
// or to the value where the value is structure.
func shapeOf(p *forum.Page) map[string]string {
	out := map[string]string{
		"engine": p.Engine, "kind": string(p.Kind), "posts": strconv.Itoa(len(p.Posts)),
		"rows": strconv.Itoa(len(p.Listing)), "boards": strconv.Itoa(len(p.Boards)), "path": strconv.Itoa(len(p.Path)),
	}
	if t := p.Thread; t != nil {
		out["page"] = fmt.Sprintf("%d of %d", t.Page, t.PageCount)
	}
	byID, byName := map[string]int{}, map[string]int{}
	for i, post := range p.Posts {
		if post.ID != "" {
			byID[post.ID] = i + 1
		}
		if post.Author != nil && byName[post.Author.Name] == 0 {
			byName[post.Author.Name] = i + 1
		}
	}
	for i, post := range p.Posts {
		at := fmt.Sprintf("posts[%d].", i)
		raw, err := json.Marshal(post)
		if err != nil {
			panic(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(raw, &fields); err != nil {
			panic(err)
		}
		present(out, at, fields)
		out[at+"position"] = strconv.FormatInt(post.Position, 10)
		for k, q := range post.Quotes {
			out[fmt.Sprintf("%squotes[%d]", at, k)] = fmt.Sprintf("post %d, author of post %d, depth %d", byID[q.PostID], byName[q.Author], q.Depth)
		}
		if post.Author != nil {
			out[at+"same author as"] = strconv.Itoa(byName[post.Author.Name])
		}
	}
	return out
}

// present lists the fields of an object, two levels deep.
func present(out map[string]string, at string, fields map[string]any) {
	for key, v := range fields {
		out[at+key] = "there"
		sub, ok := v.(map[string]any)
		if !ok || key == "extra" {
			continue
		}
		for k := range sub {
			out[at+key+"."+k] = "there"
		}
	}
}

func differences(a, b map[string]string) []string {
	var out []string
	for k, v := range a {
		if b[k] != v {
			out = append(out, fmt.Sprintf("%s was %s, is %q", k, v, b[k]))
		}
	}
	for k, v := range b {
		if _, ok := a[k]; !ok {
			out = append(out, fmt.Sprintf("%s was not there, is %s", k, v))
		}
	}
	slices.Sort(out)
	return out
}

// remains lists the names of authors, and the runs of three words that are not
// all of the interface, that the fixture still holds.
func remains(t *testing.T, was, is forum.Capture, p *forum.Page) []string {
	t.Helper()
	now := allWords(t, is)
	runs := map[string]bool{}
	for i := range now {
		for n := 1; n <= 5 && i+n <= len(now); n++ {
			runs[strings.Join(now[i:i+n], " ")] = true
		}
	}
	var out []string
	stays := scrub.New(scrub.Options{}).Interface(p.Lang)
	says := func(w string) bool { return len([]rune(w)) > 1 && !stays(w) }
	old := textWords(t, was)
	for i := 0; i+3 <= len(old); i++ {
		three := old[i : i+3]
		if !slices.Contains(three, gap) && slices.ContainsFunc(three, says) && runs[strings.Join(three, " ")] {
			out = append(out, strings.Join(three, " "))
		}
	}
	for _, post := range p.Posts {
		if a := post.Author; a != nil && !a.IsGuest && !a.IsDeleted {
			name := wordsOf(a.Name)
			if len(name) > 0 && len([]rune(strings.Join(name, ""))) > 3 && runs[strings.Join(name, " ")] && slices.ContainsFunc(name, says) {
				out = append(out, "author "+a.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// gap stands for what separates words.
const gap = "\x01"

// wordsOf are the words of a text in lower case; gap stands for an address.
func wordsOf(s string) []string {
	s = reAddress.ReplaceAllString(strings.ToLower(s), " "+gap+" ")
	list := strings.FieldsFunc(s, func(r rune) bool {
		return r != 1 && r != '_' && !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && !unicode.IsDigit(r)
	})
	return slices.DeleteFunc(list, reMeasure.MatchString)
}

// reMeasure is a number, with a unit or without: no word.
var reMeasure = regexp.MustCompile(`^\d+\pL{0,4}$`)

var reAddress = regexp.MustCompile(`\b(?:https?:)?//\S+|\bwww\.\S+`)

// partsOf are the words of an address; gap stands between its parts.
func partsOf(s string) []string {
	return wordsOf(strings.NewReplacer("//", " "+gap+" ", "/", " "+gap+" ", "?", " "+gap+" ", "&", " "+gap+" ", "=", " "+gap+" ", "#", " "+gap+" ").Replace(s))
}

// textWords are the words that a reader of the page sees.
func textWords(t *testing.T, c forum.Capture) []string {
	t.Helper()
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out = append(out, wordsOf(n.Data)...)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(d.Nodes[0])
	return out
}

// allWords are the words of everything but classes, ids and style sheets.
func allWords(t *testing.T, c forum.Capture) []string {
	t.Helper()
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "style" {
			out = append(out, wordsOf(n.Data)...)
		}
		for _, a := range n.Attr {
			if a.Key != "class" && a.Key != "id" && a.Key != "style" {
				out = append(append(out, gap), partsOf(a.Val)...)
				out = append(out, gap)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(d.Nodes[0])
	return out
}

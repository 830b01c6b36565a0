package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

func (r *Result) expectations(raw []byte) {
	var e Expect
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		r.Err = fmt.Errorf("reading expect.json: %w", err)
		return
	}
	p := r.Page
	r.expectText("engine", e.Engine, p.Engine)
	r.expectText("kind", string(e.Kind), string(p.Kind))
	r.expectCount("posts", e.Posts, len(p.Posts))
	r.expectCount("rows", e.Rows, len(p.Listing))
	r.expectCount("boards", e.Boards, len(p.Boards))
	if e.Name != "" {
		name := ""
		if p.Profile != nil {
			name = p.Profile.Name
		}
		r.expectText("name", e.Name, name)
	}
	if n := len(p.Posts); n > 0 {
		r.expectPosts(e, n)
	}
}

func (r *Result) expectPosts(e Expect, n int) {
	first, last := r.Page.Posts[0], r.Page.Posts[n-1]
	if first.Author != nil {
		r.expectText("first_author", e.FirstAuthor, first.Author.Name)
	}
	if last.Author != nil {
		r.expectText("last_author", e.LastAuthor, last.Author.Name)
	}
	if e.FirstWords != "" && !strings.HasPrefix(first.Body.Text, e.FirstWords) {
		r.expectText("first_words", e.FirstWords, clip(first.Body.Text, len(e.FirstWords)+20))
	}
	if e.LastWords != "" && !strings.HasSuffix(last.Body.Text, e.LastWords) {
		text := last.Body.Text
		r.expectText("last_words", e.LastWords, text[max(0, len(text)-len(e.LastWords)-20):])
	}
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

func (r *Result) expectText(what, want, got string) {
	if want != "" && want != got {
		r.Diffs = append(r.Diffs, Diff{"expect.json: " + what, show(want), show(got)})
	}
}

func (r *Result) expectCount(what string, want *int, got int) {
	if want != nil && *want != got {
		r.Diffs = append(r.Diffs, Diff{"expect.json: " + what, strconv.Itoa(*want), strconv.Itoa(got)})
	}
}

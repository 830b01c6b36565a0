package state

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"forumine/extract/forum"
)

// says is the body of a contribution as the tests' Folder reads it.
type says struct {
	Title  string `json:"title,omitempty"`
	Text   string `json:"text,omitempty"`
	Thread string `json:"thread,omitempty"`
	Author string `json:"author,omitempty"`
	Name   string `json:"name,omitempty"`
	Views  int    `json:"views,omitempty"`
	State  string `json:"state,omitempty"`
	At     int64  `json:"at,omitempty"` // published, seconds
}

// merge lets what the newer contribution shows win, field by field.
func (s *says) merge(n says) {
	s.Title, s.Text = cmp.Or(n.Title, s.Title), cmp.Or(n.Text, s.Text)
	s.Thread, s.Author, s.Name = cmp.Or(n.Thread, s.Thread), cmp.Or(n.Author, s.Author), cmp.Or(n.Name, s.Name)
	s.State = cmp.Or(n.State, s.State)
	if n.Views != 0 {
		s.Views = n.Views
	}
	if n.At != 0 {
		s.At = n.At
	}
}

type testDoc struct {
	says
	ThreadTitle  string          `json:"thread_title,omitempty"`
	Totals       json.RawMessage `json:"totals,omitempty"`
	Pages        []string        `json:"pages,omitempty"` // names seen, in the order of the fold
	Version      int64           `json:"version"`
	Revision     int             `json:"revision"`
	Retracted    bool            `json:"retracted,omitempty"`
	MissingSince int64           `json:"missing_since,omitempty"`
}

// testFolder is a small fold with every trait of a real one: fields merged in
// order, a thread's title copied onto its posts, totals on authors, view counts
// outside the digest.
type testFolder struct{}

func (testFolder) Fold(ref forum.DocRef, cs []forum.Contribution, parent json.RawMessage) (Folded, error) {
	var d testDoc
	for _, c := range cs {
		var s says
		if err := json.Unmarshal(c.Body, &s); err != nil {
			return Folded{}, err
		}
		d.merge(s)
	}
	site, _, _ := strings.Cut(ref.Key, "|")
	f := Folded{Site: site, State: cmp.Or(d.State, "visible"), Content: digest(d.Text)}
	switch ref.Kind {
	case forum.DocPost:
		f.Parent, f.Author = d.Thread, d.Author
		if d.At != 0 {
			f.PublishedAt = time.Unix(d.At, 0)
		}
		var summary says
		if parent != nil {
			if err := json.Unmarshal(parent, &summary); err != nil {
				return Folded{}, err
			}
		}
		d.ThreadTitle = summary.Title
	case forum.DocThread:
		b, err := json.Marshal(says{Title: d.Title})
		if err != nil {
			return Folded{}, err
		}
		f.Summary = b
	case forum.DocAuthor:
		d.Totals = parent
	}
	views := d.Views
	d.Views = 0
	b, err := json.Marshal(d)
	if err != nil {
		return Folded{}, err
	}
	d.Views = views
	f.Doc, f.Digest = d, digest(string(b))
	return f, nil
}

func (testFolder) Render(f Folded, m Meta) ([]byte, error) {
	d := f.Doc.(testDoc)
	d.Version, d.Revision, d.Retracted, d.MissingSince = m.Version, m.Revision, m.Retracted, micros(m.MissingSince)
	return json.Marshal(d)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func (testFolder) Revise(body []byte, _ time.Time) ([]byte, error) { return body, nil }

func (testFolder) Withhold(_ forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	var s says
	if err := json.Unmarshal(said, &s); err != nil {
		return nil, err
	}
	s.Title, s.Text, s.Author, s.Name = "", "", "", ""
	return json.Marshal(s)
}

func (testFolder) WithholdOpening(_ forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	return said, nil
}

func (testFolder) WithholdRevision(body []byte, drop bool) ([]byte, error) {
	var d testDoc
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	d.Text, d.Author, d.ThreadTitle, d.Retracted = "", "", "", drop
	return json.Marshal(d)
}

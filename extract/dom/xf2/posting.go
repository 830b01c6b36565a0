package xf2

import (
	"encoding/json"
	"strings"

	"forumine/extract/dom"

	"github.com/PuerkitoBio/goquery"
)

// Posting is what the page's JSON-LD says of its thread: DiscussionForumPosting
// since 2.2, QAPage for questions.
type Posting struct {
	Headline  string
	Published string // as written, with an offset
	Author    string
	AuthorURL string
	Replies   *int64
	Views     *int64
}

var selJSON = dom.Sel("script[type='application/ld+json']")

// Posting is the thread's structured data, or nil when the page has none.
func (r *Reader) Posting() *Posting {
	if r.posted != nil {
		return r.posted
	}
	r.Doc.FindMatcher(selJSON).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		var v any
		if err := json.Unmarshal([]byte(strings.TrimSpace(s.Text())), &v); err != nil {
			return true
		}
		if o := thing(v, 0); o != nil {
			r.posted = posting(o)
		}
		return r.posted == nil
	})
	return r.posted
}

// thing is the first object whose type is that of a thread.
func thing(v any, depth int) map[string]any {
	if depth > 6 {
		return nil
	}
	switch t := v.(type) {
	case []any:
		for _, e := range t {
			if o := thing(e, depth+1); o != nil {
				return o
			}
		}
	case map[string]any:
		switch text(t["@type"]) {
		case "DiscussionForumPosting", "Question":
			return t
		}
		for _, key := range [...]string{"mainEntity", "@graph"} {
			if o := thing(t[key], depth+1); o != nil {
				return o
			}
		}
	}
	return nil
}

func posting(o map[string]any) *Posting {
	p := &Posting{Headline: text(o["headline"]), Published: text(o["datePublished"])}
	if p.Headline == "" {
		p.Headline = text(o["name"])
	}
	if p.Published == "" {
		p.Published = text(o["dateCreated"])
	}
	if a, ok := o["author"].(map[string]any); ok {
		p.Author, p.AuthorURL = text(a["name"]), text(a["url"])
	}
	if len(p.Published) <= len("2006-01-02") {
		p.Published = "" // a bare date in an unknown zone says less than the page
	}
	switch stats := o["interactionStatistic"].(type) {
	case []any:
		for _, e := range stats {
			p.count(e)
		}
	case map[string]any:
		p.count(stats)
	}
	return p
}

func (p *Posting) count(v any) {
	o, ok := v.(map[string]any)
	if !ok {
		return
	}
	n := dom.Count(text(o["userInteractionCount"]))
	kind := text(o["interactionType"])
	if t, ok := o["interactionType"].(map[string]any); ok {
		kind = text(t["@type"])
	}
	switch {
	case strings.HasSuffix(kind, "ViewAction"):
		p.Views = n
	case strings.HasSuffix(kind, "CommentAction"), strings.HasSuffix(kind, "ReplyAction"):
		p.Replies = n
	}
}

func text(v any) string {
	switch t := v.(type) {
	case string:
		return dom.Fold(t)
	case float64:
		b, err := json.Marshal(int64(t))
		if err != nil {
			return ""
		}
		return string(b)
	}
	return ""
}

package main

import (
	"context"
	"strings"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"
)

// Where a data folder does not keep the words of deleted posts, the audit looks
// for these, too: in what is left of the posts and of their earlier versions a
// trace is a finding; elsewhere, where others may have quoted them, it is counted
// apart.

// useDeleted finds out which posts are deleted.
func (a *privacyAudit) useDeleted(ctx context.Context, store *state.Reader) error {
	a.unkept = privacy.NewDeletedWords()
	kept, err := readPrivacy(ctx, store)
	if err != nil || kept.Policy.Deleted == privacy.KeepDeleted {
		return err
	}
	a.deleted, err = store.DeletedKeys(ctx)
	return err
}

// collectDeleted takes down what a page, read without the step, shows of posts
// that are deleted.
func (a *privacyAudit) collectDeleted(r crawler.Reading) {
	if len(a.deleted) == 0 {
		return
	}
	for _, c := range r.Contributions {
		if c.Doc.Kind != forum.DocPost || !a.deleted[c.Doc.Key] {
			continue
		}
		if o, err := index.Observe(c); err == nil && o.Post != nil {
			a.unkept.Add(c.Doc.Key, o.Post.Body.Text)
		}
	}
}

// deletedIn looks for the words of deleted posts in a document.
func (a *privacyAudit) deletedIn(place, key string, doc any) {
	if a.unkept.Posts() == 0 {
		return
	}
	own := a.unkept.IsDeleted(key) || a.unkept.IsDeleted(textAt(doc, "post", "key"))
	eachText("", doc, func(path, text string) {
		path = strings.TrimPrefix(path, "doc.")
		if own && strings.HasPrefix(path, "author.") {
			a.note(place, []privacy.Hit{{Field: path, What: privacy.FoundDeleted, Trace: text}})
			return
		}
		found := a.unkept.Find(text)
		switch {
		case found == "":
		case own || path == "excerpt":
			a.note(place, []privacy.Hit{{Field: path, What: privacy.FoundDeleted, Trace: found}})
		default:
			a.note(place, []privacy.Hit{{Field: path, What: privacy.FoundWord, Trace: found}})
		}
	})
}

// deletedCell looks for them in a cell of a table, or in a line of no known form:
// own says that the row is of a deleted post.
func (a *privacyAudit) deletedCell(place, field, text string, own bool) {
	found := a.unkept.Find(text)
	if found == "" {
		return
	}
	what := privacy.FoundWord
	if own || field == "excerpt" {
		what = privacy.FoundDeleted
	}
	a.note(place, []privacy.Hit{{Field: field, What: what, Trace: found}})
}

// textAt is the text at a path of a decoded document, or below its "doc".
func textAt(doc any, path ...string) string {
	m, _ := doc.(map[string]any)
	if inner, ok := m["doc"].(map[string]any); ok {
		m = inner
	}
	var v any = m
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// eachText calls fn for every text of a decoded document.
func eachText(path string, v any, fn func(path, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			eachText(strings.TrimPrefix(path+"."+name, "."), inner, fn)
		}
	case []any:
		for _, inner := range v {
			eachText(path, inner, fn)
		}
	case string:
		fn(path, v)
	}
}

// originalReading reads one archived page without the privacy step.
func originalReading(ctx context.Context, ar *archive.Archive, r pageReader, site state.Site, c state.Capture) (crawler.Reading, error) {
	ref, err := archive.ParseRef(c.Ref)
	if err != nil {
		return crawler.Reading{}, err
	}
	e, err := ar.Read(ctx, ref)
	if err != nil {
		return crawler.Reading{}, err
	}
	capture, err := e.Capture()
	if err != nil {
		return crawler.Reading{}, err
	}
	return crawler.Read(ctx, r, crawler.Visit{Site: site, PageKey: c.Key, Capture: capture, Ref: c.Ref, ObservedAt: c.ObservedAt})
}

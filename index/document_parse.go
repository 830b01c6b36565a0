package index

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"forumine/extract/forum"
)

// Overview is a document in the few fields that lists and search results show.
type Overview struct {
	ID        string        `json:"id,omitempty"`
	Kind      forum.DocKind `json:"kind"`
	Key       string        `json:"key"`
	Site      string        `json:"site"`
	Title     string        `json:"title,omitempty"`  // of a post: its own, else its thread's; of an author: the name
	Author    string        `json:"author,omitempty"` // name
	Board     string        `json:"board,omitempty"`  // "Outer > Inner"
	ThreadKey string        `json:"thread_key,omitempty"`
	Position  int64         `json:"position,omitempty"`
	State     string        `json:"state,omitempty"`
	Published time.Time     `json:"published,omitzero"` // of a thread: its start; of an author: the day of joining
	Text      string        `json:"text,omitempty"`     // of a thread: the excerpt; of an author: the text about oneself
	URL       string        `json:"url,omitempty"`
}

// ParseDocument reads a rendered document of any kind back into an Overview. A
// revision is shown under the key of its post.
func ParseDocument(raw []byte) (Overview, error) {
	var kind struct {
		Kind forum.DocKind `json:"doc_kind"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return Overview{}, fmt.Errorf("reading a document: %w", err)
	}
	switch kind.Kind {
	case forum.DocPost, forum.DocRevision:
		return parsed(raw, overviewOfPost)
	case forum.DocThread:
		return parsed(raw, overviewOfThread)
	case forum.DocAuthor:
		return parsed(raw, overviewOfAuthor)
	}
	return Overview{}, fmt.Errorf("reading a document: doc_kind %q is not one of post, thread, author, revision", kind.Kind)
}

func parsed[D any](raw []byte, overview func(*D) Overview) (Overview, error) {
	var doc D
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Overview{}, fmt.Errorf("reading a document: %w", err)
	}
	common := any(&doc).(interface{ common() *Common }).common()
	o := overview(&doc)
	o.ID, o.Kind, o.Site, o.Board = ID(o.Key), common.DocKind, common.Site.ID, common.Forum.Path
	return o, nil
}

func overviewOfPost(d *PostDoc) Overview {
	return Overview{
		Key: d.Post.Key, Title: cmp.Or(d.Title, d.Thread.Title), Author: d.Author.Name,
		ThreadKey: d.Thread.Key, Position: d.Post.Position, State: d.Post.State,
		Published: d.PublishedAt, Text: d.Body.Text, URL: cmp.Or(d.Post.URL, d.Thread.URL),
	}
}

func overviewOfThread(d *ThreadDoc) Overview {
	return Overview{
		Key: d.Thread.Key, Title: d.Thread.Title, Author: d.Author.Name, ThreadKey: d.Thread.Key,
		Published: d.Thread.StartedAt, Text: d.Excerpt, URL: d.Thread.URL,
	}
}

func overviewOfAuthor(d *AuthorDoc) Overview {
	return Overview{
		Key: d.Author.Key, Title: d.Author.Name, Author: d.Author.Name,
		Published: d.Author.JoinedAt, Text: d.About, URL: d.Author.URL,
	}
}

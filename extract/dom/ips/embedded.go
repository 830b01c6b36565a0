package ips

import (
	"encoding/json"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"

	"github.com/PuerkitoBio/goquery"
)

// embedded is what the page's JSON-LD says of a thread.
type embedded struct {
	found    bool
	headline string
	created  string
	author   person
	views    *int64
	replies  *int64
	solution string // id of the accepted answer
	comments map[string]ldPost
}

type person struct{ Name, URL string }

// ldPost is a post of the JSON-LD.
type ldPost struct {
	author  person
	created string
	votes   int64
}

// ld is the part of schema.org's types that the engine emits. Fields may be a
// value or a list of values; lists are read by their first.
type ld struct {
	Type        any             `json:"@type"`
	ID          string          `json:"@id"`
	URL         string          `json:"url"`
	Headline    string          `json:"headline"`
	Name        string          `json:"name"`
	DateCreated string          `json:"dateCreated"`
	Author      json.RawMessage `json:"author"`
	Upvotes     json.Number     `json:"upvoteCount"`
	Statistics  json.RawMessage `json:"interactionStatistic"`
	Comments    []ld            `json:"comment"`
	MainEntity  json.RawMessage `json:"mainEntity"`
	Accepted    json.RawMessage `json:"acceptedAnswer"`
	Suggested   []ld            `json:"suggestedAnswer"`
}

var selLD = dom.Sel("script[type='application/ld+json']")

// readEmbedded reads the thread in the page's JSON-LD; other types and broken
// JSON are passed over.
func readEmbedded(d *dom.Document) embedded {
	out := embedded{comments: map[string]ldPost{}}
	d.FindMatcher(selLD).Each(func(_ int, s *goquery.Selection) {
		var v ld
		if json.Unmarshal([]byte(s.Text()), &v) != nil {
			return
		}
		switch v.Type {
		case "DiscussionForumPosting":
			out.take(v)
		case "QAPage":
			var q ld
			if json.Unmarshal(v.MainEntity, &q) == nil {
				out.take(q)
			}
		}
	})
	return out
}

func (e *embedded) take(v ld) {
	e.found, e.headline, e.created, e.author = true, v.Headline, v.DateCreated, personOf(v.Author)
	if e.headline == "" {
		e.headline = v.Name
	}
	e.statistics(v.Statistics)
	for _, c := range append(v.Comments, v.Suggested...) {
		e.comment(c)
	}
	var accepted ld
	if json.Unmarshal(v.Accepted, &accepted) == nil {
		if e.solution = postOf(accepted); e.solution != "" {
			e.comment(accepted)
		}
	}
}

func (e *embedded) comment(c ld) {
	if id := postOf(c); id != "" {
		votes, _ := c.Upvotes.Int64()
		e.comments[id] = ldPost{personOf(c.Author), c.DateCreated, votes}
	}
}

func postOf(v ld) string {
	if id := ipsurl.PostID(v.URL); id != "" {
		return id
	}
	return ipsurl.PostID(v.ID)
}

func personOf(raw json.RawMessage) person {
	var p person
	if json.Unmarshal(raw, &p) != nil {
		return person{}
	}
	return p
}

// statistics reads the counters by the action that they count.
func (e *embedded) statistics(raw json.RawMessage) {
	type counter struct {
		Type  string `json:"interactionType"`
		Count int64  `json:"userInteractionCount"`
	}
	var list []counter
	if json.Unmarshal(raw, &list) != nil {
		var one counter
		if json.Unmarshal(raw, &one) != nil {
			return
		}
		list = []counter{one}
	}
	for _, c := range list {
		n := c.Count
		switch {
		case strings.HasSuffix(c.Type, "ViewAction"):
			e.views = &n
		case strings.HasSuffix(c.Type, "CommentAction"):
			e.replies = &n
		}
	}
}

// quoteData is what the engine writes into data-quotedata of each post.
type quoteData struct {
	UserID    json.Number `json:"userid"`
	UserName  string      `json:"username"`
	Timestamp json.Number `json:"timestamp"`
	Topic     json.Number `json:"contentid"`
	Post      json.Number `json:"contentcommentid"`
}

var selQuoteData = dom.Sel("[data-quotedata]")

func quoteDataOf(s *goquery.Selection) quoteData {
	raw, ok := s.Attr("data-quotedata")
	if !ok {
		raw = dom.First(s, selQuoteData).AttrOr("data-quotedata", "")
	}
	var q quoteData
	if json.Unmarshal([]byte(raw), &q) != nil {
		return quoteData{}
	}
	if q.UserID == "0" {
		q.UserID = ""
	}
	return q
}

package discourse

import (
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// The engine answers every address of its pages with the page's data when
// ".json" is added to it. The answers are the values of the data that browsers
// get with the page, without the site's own.

// apiMarks are what only this engine's answers hold, by the path to it.
var apiMarks = []struct {
	name   string
	weight int
	path   []string
}{
	{"post_stream of a topic", 80, []string{"post_stream", "posts"}},
	{"topic_list", 60, []string{"topic_list", "topics"}},
	{"category_list", 60, []string{"category_list", "categories"}},
	{"user with a trust level", 60, []string{"user", "trust_level"}},
	{"error_type of a refusal", 60, []string{"error_type"}},
}

func apiSignals(j dom.JSON) []dom.Signal {
	var out []dom.Signal
	for _, m := range apiMarks {
		if j.At(m.path...).Exists() {
			out = append(out, dom.Signal{Name: m.name, Weight: m.weight})
		}
	}
	return out
}

// apiData puts an answer into the shape of a page's data.
func apiData(j dom.JSON) dom.JSON {
	members := map[string]dom.JSON{}
	if j.At("post_stream").Exists() {
		members["topic_"+apiTopic(j)] = j
	}
	if j.At("topic_list").Exists() {
		members["topic_list"] = j
	}
	if j.At("category_list").Exists() {
		members["categories_list"] = j
	}
	if j.At("user", "username").Exists() {
		members["user_"] = j
	}
	return dom.Object(members)
}

// apiTopic is the topic's id, which some answers give with each post only.
func apiTopic(j dom.JSON) string {
	if id := j.At("id").Text(); id != "" {
		return id
	}
	for _, p := range j.At("post_stream", "posts").List() {
		return p.At("topic_id").Text()
	}
	return ""
}

// refusals are the kinds of the engine's own errors.
var refusals = map[string]forum.Kind{
	"not_found": forum.KindMissing, "invalid_access": forum.KindDenied, "not_logged_in": forum.KindLogin,
	"rate_limit": forum.KindRateLimited, "read_only": forum.KindMaintenance,
}

// refused reads an answer that says why there is none.
func (r *reader) refused() bool {
	if !r.doc.Data.At("errors").Exists() {
		return false
	}
	r.page.Kind = refusals[r.doc.Data.At("error_type").Text()]
	if r.page.Kind == "" {
		r.page.Kind = forum.KindOther
	}
	return true
}

// shell reads a page that holds no content and whose scripts would fetch it: its
// address says what it is, and where that is to be had.
func (r *reader) shell(c forum.Capture) bool {
	if c.Status >= 400 || r.doc.Data.Exists() || !r.application() {
		return false
	}
	u := r.doc.URL
	if l, ok := (Engine{}).Canonical(u); !ok || l.Kind == forum.KindProfile {
		return false
	}
	base, segs := split(u.Path)
	if len(segs) == 0 {
		segs = []string{r.homepage()}
	}
	switch segs[0] {
	case "t":
		r.shellTopic()
		r.page.ContentURL = r.dataURL(base, "t/"+r.topic)
	case "c":
		r.listKind()
		r.page.ContentURL = r.dataURL(base, strings.Join(segs, "/"))
		r.gaps.Add("listing", noContent)
	default:
		r.listKind()
		r.page.ContentURL = r.dataURL(base, segs[0])
		r.gaps.Add("boards", noContent)
	}
	return true
}

const noContent = "the page carries neither its data nor the plain HTML for readers without scripts"

// application tells pages that start the engine's scripts.
func (r *reader) application() bool {
	for _, m := range marks[1:4] {
		if r.doc.Has(m.Match) {
			return true
		}
	}
	return false
}

// homepage is the list that the index shows.
func (r *reader) homepage() string {
	switch home := r.doc.Meta("discourse_current_homepage"); home {
	case "categories", "latest":
		return home
	}
	return "latest"
}

func (r *reader) shellTopic() {
	r.page.Kind = forum.KindThread
	t := &forum.Thread{Page: 1, Type: "discussion"}
	r.page.Thread = t
	if t.Title = dom.Fold(r.doc.Meta("og:title")); t.Title == "" {
		r.gaps.Add("thread.title", noContent)
	}
	r.plainTopicID(t)
	if n, err := strconv.Atoi(r.doc.URL.Query().Get("page")); err == nil && n > 0 {
		t.Page = n
	}
	r.gaps.Add("posts", noContent)
}

// dataURL is the address of a page's data.
func (r *reader) dataURL(base, path string) string {
	query := ""
	if page := r.doc.URL.Query().Get("page"); page != "" && isNumber(page) {
		query = "page=" + page
	}
	return address(r.doc.URL, base+"/"+path+".json", query)
}

package index

import (
	"encoding/json"
	"fmt"

	"forumine/extract/forum"
)

// What a page has said can be said anew without the page: contributions, and the
// earlier versions of posts, are turned back into parts of a forum.Page, the parts
// go through a function together, and what comes out of it is said in their place.

// Saying is what one page has said: its contributions, whatever moment they are of,
// and earlier versions of posts that it shows, as rendered. Captures and
// VersionCaptures, where given, say where the archive has what each rests on; ""
// leaves that as it is.
type Saying struct {
	Contributions   []forum.Contribution
	Captures        []string
	Versions        [][]byte
	VersionCaptures []string
}

// Restated is what becomes of one contribution.
type Restated struct {
	Doc  forum.DocRef    // zero: it goes
	Body json.RawMessage // nil: another contribution to Doc says it, too
}

// RestatedVersion is what becomes of an earlier version of a post.
type RestatedVersion struct {
	Body    []byte // nil: it goes
	Author  string // key
	Content string // digest, see Folded; "" where there are no words
}

// Part turns a contribution into the part of the page that it rests on: one post,
// one thread (as a row, too) or one profile. What contributions do not hold, such as
// links and boards, is absent.
func Part(c forum.Contribution) (*forum.Page, error) {
	o, err := Observe(c)
	if err != nil {
		return nil, err
	}
	return partOf(o, KeySite(c.Doc.Key)), nil
}

// PartOfVersion is Part for an earlier version of a post, as rendered.
func PartOfVersion(raw []byte) (*forum.Page, error) {
	d, err := ParsePost(raw)
	if err != nil {
		return nil, err
	}
	return partOfVersion(d), nil
}

func partOf(o Observation, site string) *forum.Page {
	common := o.Common()
	page := &forum.Page{URL: common.Crawl.URL, Extract: forum.Extract{Warnings: common.Extract.Warnings}}
	switch {
	case o.Post != nil:
		page.Posts = []forum.Post{postOf(site, o.Post)}
		page.PostKeyIDs = keyIDs(site, o.Post)
	case o.Thread != nil:
		page.Thread = threadOf(o.Thread)
	case o.Author != nil:
		page.Profile = profileOf(o.Author)
	}
	return page
}

func partOfVersion(d *RevisionDoc) *forum.Page {
	page := partOf(Observation{Post: &d.PostDoc}, KeySite(d.Post.Key))
	page.Thread = &forum.Thread{ID: d.Thread.ID, Title: d.Thread.Title}
	return page
}

// Restate has what one page has said said anew. through gets the parts of the page
// and gives as many, in their order; of a part it may leave out the post or the
// profile. A through that changes nothing leaves every body as it is.
func (f Folder) Restate(said Saying, through func([]*forum.Page) []*forum.Page) ([]Restated, []RestatedVersion, error) {
	r := restating{folder: f, said: said.Contributions, authors: map[string]*forum.Author{}, gone: map[string]bool{}, places: map[forum.DocRef]int{}}
	if err := r.read(said); err != nil {
		return nil, nil, err
	}
	r.parts = through(append(r.parts, r.excerpts...))
	if len(r.parts) != len(r.docs)+len(r.versions)+len(r.excerpts) {
		return nil, nil, fmt.Errorf("saying anew what a page says: %d parts have become %d", len(r.docs)+len(r.versions)+len(r.excerpts), len(r.parts))
	}
	r.write()
	return r.out, r.writeVersions(), nil
}

// restating is Restate at work.
type restating struct {
	folder   Folder
	said     []forum.Contribution
	docs     []Observation
	versions []*RevisionDoc
	parts    []*forum.Page // of docs, of versions, then of excerpts
	excerpts []*forum.Page // of threads whose first post is not at hand
	excerpt  map[int]int   // place in said of such a thread, to its part
	authors  map[string]*forum.Author
	gone     map[string]bool // keys of posts
	orphaned bool            // a thread has lost its starter
	out      []Restated
	places   map[forum.DocRef]int // of authors in out
}

func (r *restating) read(said Saying) error {
	for i, c := range r.said {
		o, err := Observe(c)
		if err != nil {
			return err
		}
		putPlace(o.common(), said.Captures, i)
		r.docs = append(r.docs, o)
		r.parts = append(r.parts, partOf(o, KeySite(c.Doc.Key)))
		if o.Author != nil {
			r.authors[c.Doc.Key] = r.parts[len(r.parts)-1].Profile
		}
	}
	for i, raw := range said.Versions {
		d, err := ParsePost(raw)
		if err != nil {
			return err
		}
		putPlace(&d.Common, said.VersionCaptures, i)
		r.versions = append(r.versions, d)
		r.parts = append(r.parts, partOfVersion(d))
	}
	r.readThreads()
	return nil
}

func putPlace(c *Common, captures []string, i int) {
	if i < len(captures) && captures[i] != "" {
		c.Crawl.WARC = captures[i]
	}
}

// readThreads gives the threads whom they name by key alone, and sets apart the
// excerpts that cannot be taken from their posts.
func (r *restating) readThreads() {
	r.excerpt = map[int]int{}
	for i, o := range r.docs {
		if o.Thread == nil {
			continue
		}
		r.parts[i].Thread.LastAuthor = r.authorByKey(o.Thread.Thread.LastAuthorKey)
		if o.Thread.Excerpt == "" || r.opening(i) >= 0 {
			continue
		}
		r.excerpt[i] = len(r.parts) + len(r.excerpts)
		post := forum.Post{State: forum.PostVisible, Author: authorOf(o.Thread.Author), Body: forum.Body{Text: o.Thread.Excerpt}}
		r.excerpts = append(r.excerpts, &forum.Page{URL: o.Thread.Crawl.URL, Posts: []forum.Post{post}})
	}
}

// authorByKey is an author whom the page shows elsewhere, as it does whomever it
// names, or else somebody of whom nothing but an id is known.
func (r *restating) authorByKey(key string) *forum.Author {
	if key == "" {
		return nil
	}
	if a := r.authors[key]; a != nil {
		return a
	}
	if id := idIn(KeySite(key), keyUser, key); id != "" {
		return &forum.Author{ID: id}
	}
	return nil
}

// opening is the place of the post that a thread's excerpt was taken from, or -1.
func (r *restating) opening(thread int) int {
	for i, o := range r.docs {
		if o.Post != nil && o.Post.opens() && o.Post.Thread.Key == r.said[thread].Doc.Key && r.said[i].ObservedAt.Equal(r.said[thread].ObservedAt) {
			return i
		}
	}
	return -1
}

// write gives posts first: threads take their excerpt and their newest post from
// what becomes of them.
func (r *restating) write() {
	r.out = make([]Restated, len(r.said))
	for i, o := range r.docs {
		switch {
		case o.Post != nil:
			r.writePost(i, o)
		case o.Author != nil:
			r.writeAuthor(i, o)
		}
	}
	for i, o := range r.docs {
		if o.Thread != nil {
			r.writeThread(i, o)
		}
	}
}

func (r *restating) writePost(i int, o Observation) {
	if len(r.parts[i].Posts) == 0 {
		r.gone[r.said[i].Doc.Key] = true
		return
	}
	putPost(KeySite(r.said[i].Doc.Key), o.Post, r.parts[i])
	r.out[i] = Restated{r.said[i].Doc, mustMarshal(body[PostDoc]{source(o.Source), *o.Post})}
}

// writeAuthor joins those who have become one person.
func (r *restating) writeAuthor(i int, o Observation) {
	a := r.parts[i].Profile
	if a == nil {
		return
	}
	d := o.Author
	putCommon(&d.Common, r.parts[i])
	d.Author = authorRef(KeySite(r.said[i].Doc.Key), a)
	d.About, d.Websites = a.About, texts(a.Websites)
	ref := forum.DocRef{Kind: forum.DocAuthor, Key: d.Author.Key}
	if ref.Key == "" {
		return
	}
	first, known := r.places[ref]
	if known && !r.joins(first, i) {
		i, first = first, i
	}
	r.places[ref] = i
	if known {
		r.join(i, first)
		r.out[first] = Restated{Doc: ref}
	}
	r.out[i] = Restated{ref, mustMarshal(body[AuthorDoc]{source(r.docs[i].Source), *r.docs[i].Author})}
}

// joins tells whether what is said at j stands before what is said at i.
func (r *restating) joins(i, j int) bool {
	if c := r.said[i].ObservedAt.Compare(r.said[j].ObservedAt); c != 0 {
		return c < 0
	}
	return source(r.docs[j].Source).weight() > source(r.docs[i].Source).weight()
}

// join fills what is said at i with what is said at j at the same moment.
func (r *restating) join(i, j int) {
	if r.said[i].ObservedAt.Equal(r.said[j].ObservedAt) {
		r.folder.authors.fill(r.docs[i].Author, r.docs[j].Author)
	}
}

func (r *restating) writeThread(i int, o Observation) {
	site, d, t := KeySite(r.said[i].Doc.Key), o.Thread, r.parts[i].Thread
	had := d.Author.Key != ""
	putThread(site, d, r.parts[i])
	r.orphaned = r.orphaned || had && d.Author.Key == ""
	d.Excerpt = r.excerptOf(i)
	d.Thread.LastAuthorKey = authorKey(site, t.LastAuthor)
	if source(o.Source).sort() == sourcePage && r.gone[d.Thread.LastPostKey] {
		d.Thread.LastPostTime = r.newestBeside(i)
	}
	if r.gone[d.SolutionPostKey] {
		d.SolutionPostKey = ""
	}
	r.out[i] = Restated{r.said[i].Doc, mustMarshal(body[ThreadDoc]{source(o.Source), *d})}
}

func (r *restating) excerptOf(i int) string {
	if r.docs[i].Thread.Excerpt == "" {
		return ""
	}
	if at, apart := r.excerpt[i]; apart {
		if len(r.parts[at].Posts) == 0 {
			return ""
		}
		return excerpt(r.parts[at].Posts[0].Body.Text)
	}
	first := r.opening(i)
	if first < 0 || r.out[first].Doc.Key == "" {
		return ""
	}
	return excerpt(r.docs[first].Post.Body.Text)
}

// newestBeside is the newest post that is left of those that a page showed
// together with a thread.
func (r *restating) newestBeside(thread int) (last LastPostTime) {
	for i, o := range r.docs {
		p := o.Post
		if p == nil || r.out[i].Doc.Key == "" || p.Post.State != forum.PostVisible || p.Thread.Key != r.said[thread].Doc.Key || !r.said[i].ObservedAt.Equal(r.said[thread].ObservedAt) {
			continue
		}
		if p.PublishedAt.Before(last.LastPostAt) || p.PublishedAt.Equal(last.LastPostAt) && last.LastPostKey != "" && p.Post.Position < r.positionOf(last.LastPostKey) {
			continue
		}
		last = LastPostTime{p.PublishedAt, p.PublishedRaw, p.PublishedPrecision, p.PublishedTZ, p.Post.Key, p.Author.Key}
	}
	return last
}

func (r *restating) positionOf(post string) int64 {
	for _, o := range r.docs {
		if o.Post != nil && o.Post.Post.Key == post {
			return o.Post.Post.Position
		}
	}
	return 0
}

func (r *restating) writeVersions() []RestatedVersion {
	out := make([]RestatedVersion, len(r.versions))
	for i, d := range r.versions {
		part := r.parts[len(r.docs)+i]
		if len(part.Posts) == 0 {
			continue
		}
		out[i] = r.writeVersion(d, part)
	}
	return out
}

// writeVersion renews what Render computes, too.
func (r *restating) writeVersion(d *RevisionDoc, part *forum.Page) RestatedVersion {
	text, code, isOP := d.Body.Text, d.Body.Code, d.Author.IsOP
	putPost(KeySite(d.Post.Key), &d.PostDoc, part)
	d.Thread.Title = part.Thread.Title
	d.Author.FieldPairs = pairs(d.Author.Fields)
	if d.Author.Key != "" && !r.orphaned {
		d.Author.IsOP = isOP
	}
	words := normalText(d.Body.Text)
	d.Body.Hash, d.Body.Simhash = textHash(words), simhash(words)
	d.Signature.Hash = textHash(normalText(d.Signature.Text))
	if d.Body.Text != text || d.Body.Code != code {
		d.Body.Lang, d.Body.LangConfidence = r.folder.language(prose(d.Body.Text, d.Body.Code))
	}
	return RestatedVersion{Body: mustMarshal(d), Author: d.Author.Key, Content: contentDigest(&d.PostDoc)}
}
